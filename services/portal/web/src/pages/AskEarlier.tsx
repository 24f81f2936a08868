import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { matching, read } from "../api/client";
import { conversationQuery } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { Name } from "../ui/people";
import { Prose } from "../ui/Prose";
import { Shown } from "../ui/states";
import { Time } from "../ui/Time";

/** Up to three requests that resemble what is typed, each opening beside it. */
export function Earlier({ text, open, onOpen }: { text: string; open: string | undefined; onOpen: (id: string) => void }) {
  const t = useT();
  const settled = useDebounced(text.trim(), 300).slice(0, 2000);
  const { data } = useQuery({
    queryKey: ["similar", settled],
    queryFn: () => read(matching.GET("/similar", { params: { query: { text: settled, at_most: 3 } } })),
    enabled: settled.length > 7,
    placeholderData: (before) => before,
    staleTime: 60_000,
  });
  if (!data?.items.length || settled.length <= 7) return null;
  return (
    <section className="earlier" aria-live="polite">
      <h2>{t("ask.earlier")}</h2>
      <ul>
        {data.items.map((r) => (
          <li key={r.request}>
            <button type="button" className="row-title" aria-expanded={open === r.request} onClick={() => onOpen(r.request)}>
              {r.title}
            </button>
            <div className="meta">
              <span>{t(`state.${r.state}`)}</span>
              <span>{t(`kind.${r.kind}`)}</span>
              <Time at={r.created} />
              {r.responses > 0 && <span>{t("request.count", { count: r.responses })}</span>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** An earlier request, shown without leaving what is typed. */
export function Opened({ id, close }: { id: string; close: () => void }) {
  const t = useT();
  const query = useQuery(conversationQuery(id));
  return (
    <Shown query={query}>
      {({ request, body, responses }) => {
        const best = responses.find((r) => r.accepted) ?? responses[0];
        return (
          <section className="quietbox" aria-label={t("ask.earlier")}>
            <h3>{request.title}</h3>
            {body && <Prose text={short(body)} />}
            {best?.body && (
              <>
                <h2>
                  <Name id={best.author.id} />
                </h2>
                <Prose text={short(best.body)} />
              </>
            )}
            <div className="buttons">
              <Link className="button" to={`/requests/${id}`}>
                {t("ask.earlier.open")}
              </Link>
              <Button className="button quiet" onPress={close}>
                {t("do.close")}
              </Button>
            </div>
          </section>
        );
      }}
    </Shown>
  );
}

const short = (text: string) => (text.length > 600 ? text.slice(0, 600).trimEnd() + "…" : text);
