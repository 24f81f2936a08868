import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { community, read, type Communities } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useDraft } from "../app/drafts";
import { useT } from "../i18n";
import { TextInput } from "../ui/fields";
import { Failure } from "../ui/states";

type Next = Communities["StateChange"]["to"];

/** For hosts and coordinators: where the community can go from here, with the reason. */
export function Hosting({ detail: { community: c, may, next_states } }: { detail: Communities["CommunityDetail"] }) {
  const t = useT();
  const [to, setTo] = useState<Next>();
  const [reason, setReason, forget] = useDraft(`state.${c.id}`, "");
  const [tried, setTried] = useState(false);
  const change = useCommand((body: Communities["StateChange"], key) =>
    read(community.POST("/communities/{community}/state", { params: { path: { community: c.id }, header: command(key) }, body })),
  );
  const next = (next_states ?? []).filter((s): s is Next => s !== "draft");
  if (!may.includes("change_state") || next.length === 0) return null;
  return (
    <section>
      <h2>{t("hosting.title")}</h2>
      {to ? (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            setTried(true);
            if (reason.trim()) change.mutate({ to, reason: reason.trim() }, { onSuccess: () => (forget(), setTo(undefined), setTried(false)) });
          }}
        >
          <TextInput label={t("hosting.reason")} value={reason} onChange={setReason} max={2000} wrong={tried && !reason.trim() ? t("hosting.reason.missing") : undefined} />
          {change.isError && <Failure error={change.error} typed />}
          <div className="buttons">
            <Button type="submit" className="button primary" isDisabled={change.isPending}>
              {t(`hosting.${to}`)}
            </Button>
            <Button className="button quiet" onPress={() => setTo(undefined)}>
              {t("do.cancel")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="buttons">
          {next.map((s) => (
            <Button key={s} className={s === "closed" ? "button quiet" : "button"} onPress={() => setTo(s)}>
              {t(`hosting.${s}`)}
            </Button>
          ))}
        </div>
      )}
    </section>
  );
}
