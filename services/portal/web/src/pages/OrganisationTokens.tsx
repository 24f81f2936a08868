import { useInfiniteQuery } from "@tanstack/react-query";
import { membership, read, type Membership } from "../api/client";
import { command, useCommand } from "../api/queries";
import { useT } from "../i18n";
import { AskFirst } from "../ui/AskFirst";
import { More } from "../ui/More";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";

/** The API tokens of a person: their names and how long they last, never what they are. */
export function TokensOf({ person, say }: { person: string; say: (words: string) => void }) {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: ["tokens", person],
    queryFn: ({ pageParam }) =>
      read(membership.GET("/people/{person}/tokens", { params: { path: { person }, query: { limit: 50, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  return (
    <section className="section">
      <div className="head">
        <h2>{t("org.tokens")}</h2>
      </div>
      <Shown query={list}>
        {({ pages }) => {
          const tokens = pages.flatMap((p) => p.items);
          if (tokens.length === 0) return <Empty words={t("org.tokens.empty")} />;
          return (
            <>
              <ul className="rows">
                {tokens.map((one) => (
                  <li key={one.id} data-row>
                    <Token token={one} say={say} />
                  </li>
                ))}
              </ul>
              <More list={list} />
            </>
          );
        }}
      </Shown>
    </section>
  );
}

function Token({ token, say }: { token: Membership["Token"]; say: (words: string) => void }) {
  const t = useT();
  const name = token.name ?? t("org.token.unnamed");
  const revoke = useCommand((id: string, key) => read(membership.DELETE("/tokens/{token}", { params: { path: { token: id }, header: command(key) } })));
  return (
    <div className="with-act">
      <div>
        <strong>{name}</strong>
        <div className="meta">
          <span>
            {t("org.token.created")} <Time at={token.created} />
          </span>
          <span>
            {t("org.token.expires")} <Time at={token.expires} />
          </span>
        </div>
      </div>
      <AskFirst
        label={t("org.token.revoke")}
        named={t("org.token.revoke.named", { name })}
        sure={t("org.token.revoke.sure")}
        words={t("org.token.revoke.about")}
        busy={revoke.isPending}
        error={revoke.error}
        // The row may be gone before the command is done, and its callbacks with it.
        onSure={() => void revoke.mutateAsync(token.id).then(() => say(t("org.token.revoked", { name })), () => undefined)}
      />
    </div>
  );
}
