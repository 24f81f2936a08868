import type { Progress } from "../api/lines";
import { useT } from "../i18n";

/** How far work is; without a number while it is not known. */
export function Bar({ label, progress }: { label: string; progress: Progress | undefined }) {
  const t = useT();
  const share = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : undefined;
  return (
    <div className="bar">
      <p role="status">{share === undefined ? label : t("progress.share", { what: label, share })}</p>
      {share === undefined ? <progress aria-label={label} /> : <progress aria-label={label} value={share} max={1} />}
    </div>
  );
}
