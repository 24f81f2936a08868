import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { Link } from "react-router";
import { membership, read } from "../api/client";
import { command, useCommand } from "../api/queries";
import { usePerson } from "../app/context";
import { T, useT } from "../i18n";
import { Failure } from "../ui/states";
import { Time } from "../ui/Time";
import type { Detail } from "./CommunityPage";

/** What is out of the ordinary in a community: that it rests, has ended, or has no host. */
export function Standing({ detail }: { detail: Detail }) {
  const t = useT();
  const { community: c, state_reason: reason, succession } = detail;
  return (
    <>
      {c.state !== "active" && (
        <p className="standing">
          <strong>{t(`community.${c.state}`)}</strong> {t(`standing.${c.state}`)}
          {reason && c.state !== "draft" && <span className="muted">{t("standing.reason", { reason })}</span>}
        </p>
      )}
      {succession && <Hostless detail={detail} since={succession.since} asked={succession.asked} />}
    </>
  );
}

/** That nobody hosts, what that means, and who may begin to. */
function Hostless({ detail: { community: c, role }, since, asked }: { detail: Detail; since: string; asked: boolean }) {
  const t = useT();
  const coordinates = usePerson().roles.includes("coordinator");
  const members = useQuery({
    queryKey: ["members", c.id, "first"],
    queryFn: () => read(membership.GET("/communities/{community}/members", { params: { path: { community: c.id }, query: { limit: 12 } } })),
    enabled: Boolean(role) && role !== "core" && !asked,
  });
  const take = useCommand((_: "take", key) => read(membership.POST("/communities/{community}/take-over", { params: { path: { community: c.id }, header: command(key) } })));
  // Core members are asked first; where there are none, any member may.
  const may = role && (asked || role === "core" || members.data?.items.every((m) => m.role !== "core"));
  return (
    <section className="standing">
      <h2>{t("hostless.title")}</h2>
      <p>{t("hostless.words")}</p>
      <p className="small muted">
        <T id="hostless.since" since={<Time at={since} />} />
      </p>
      {may ? (
        <>
          <p>{asked ? t("hostless.asked") : t("hostless.may")}</p>
          <p className="muted">{t("hostless.means")}</p>
          <div className="buttons">
            <Button className="button primary" isDisabled={take.isPending} onPress={() => take.mutate("take")}>
              {t("hostless.do")}
            </Button>
          </div>
        </>
      ) : (
        role && <p>{t("hostless.core")}</p>
      )}
      {coordinates && (
        <p>
          <Link to={`/communities/${c.id}/people`}>{t("hostless.coordinator")}</Link>
        </p>
      )}
      {take.isError && <Failure error={take.error} />}
    </section>
  );
}
