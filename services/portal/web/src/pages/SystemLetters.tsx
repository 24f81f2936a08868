import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { read, system, type System } from "../api/client";
import { useWords } from "../api/log";
import { useT } from "../i18n";
import { More } from "../ui/More";
import { Empty, Shown } from "../ui/states";
import { Time } from "../ui/Time";

/** What reactors gave up on, oldest first; count is how many there are now. */
export function Letters({ count }: { count: number }) {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: ["system", "letters", count],
    queryFn: ({ pageParam }) => read(system.GET("/deadletters", { params: { query: { limit: 30, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: (before) => before,
  });
  return (
    <section className="section">
      <div className="head">
        <h2>{t("system.letters")}</h2>
      </div>
      <p className="muted small">{t("system.letters.words")}</p>
      <Shown query={list}>
        {({ pages }) => {
          const letters = pages.flatMap((p) => p.items);
          return letters.length === 0 ? (
            <Empty words={t("system.letters.empty")} />
          ) : (
            <ul className="rows">
              {letters.map((l) => (
                <li key={l.id} data-row>
                  <LetterRow letter={l} />
                </li>
              ))}
            </ul>
          );
        }}
      </Shown>
      <More list={list} />
    </section>
  );
}

function LetterRow({ letter }: { letter: System["DeadLetter"] }) {
  const t = useT();
  const words = useWords();
  return (
    <>
      <Link className="row-title" to={`/system/deadletters/${letter.reactor}/${letter.seq}`}>
        {t("system.letter.title", { reactor: letter.reactor, event: words("event", letter.type) })}
      </Link>
      <div className="meta">
        <Time at={letter.time} />
        <span>{t("system.letter.attempts", { count: letter.attempts })}</span>
        <span lang="en">{letter.reason}</span>
      </div>
    </>
  );
}
