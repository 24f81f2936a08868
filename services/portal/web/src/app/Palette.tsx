import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Dialog } from "react-aria-components/Dialog";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { useNavigate } from "react-router";
import { community, membership, read } from "../api/client";
import { useMe, useUnits } from "../api/names";
import { useT } from "../i18n";
import { useDebounced } from "../ui/debounced";
import { usePerson } from "./context";
import { administered, own, places, within } from "./places";

/** Every place, communities, and people by name: where to go, by typing. */
export default function Palette({ close }: { close: () => void }) {
  const t = useT();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const settled = useDebounced(text.trim(), 200);
  const { roles } = usePerson();
  const mine = useMe().data?.communities ?? [];
  const people = useQuery({
    queryKey: ["people", "palette", settled],
    queryFn: () => read(membership.GET("/people", { params: { query: { query: settled, limit: 5 } } })),
    enabled: settled.length > 1,
    placeholderData: (before) => before,
  });
  const communities = useQuery({
    queryKey: ["communities", "palette", settled],
    queryFn: () => read(community.GET("/communities", { params: { query: { query: settled, limit: 5 } } })),
    enabled: settled.length > 1,
    placeholderData: (before) => before,
  });
  const units = useUnits();
  const words = text.trim().toLocaleLowerCase();
  const known = [
    ...[...places, ...administered(roles)].map((p) => ({ to: p.to, name: t(p.words), about: "" })),
    ...(roles.includes("administrator") ? within.map((p) => ({ to: p.to, name: t(p.words), about: t("place.organisation") })) : []),
    { to: "/bridges", name: t("bridges.title"), about: "" },
    ...own.map((p) => ({ to: p.to, name: t(p.words), about: t("place.me") })),
    { to: "/communities/new", name: t("found.do"), about: "" },
    ...mine.map((c) => ({ to: `/communities/${c.community}`, name: c.name, about: t("community.title") })),
  ].filter((i) => i.name.toLocaleLowerCase().includes(words));
  const others = (communities.data?.items ?? []).map((c) => ({ to: `/communities/${c.id}`, name: c.name, about: t("community.title") })).filter((c) => !known.some((k) => k.to === c.to));
  // People of the same name are told apart by where they work.
  const named = (people.data?.items ?? []).map((p) => ({ to: `/people/${p.id}`, name: p.name, about: units.get(p.unit ?? "")?.name ?? t("person.title") }));
  const found = words.length > 1 ? [...named, ...others] : [];
  return (
    <ModalOverlay className="modal-back top" isOpen isDismissable onOpenChange={(open) => !open && close()}>
      <Modal className="modal palette">
        <Dialog aria-label={t("palette.title")}>
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField aria-label={t("palette.title")} autoFocus>
              <Input placeholder={t("palette.title")} />
            </SearchField>
            <Menu
              aria-label={t("palette.title")}
              items={[...known, ...found].slice(0, 16)}
              renderEmptyState={() => <p className="empty">{t("palette.empty")}</p>}
              onAction={(to) => {
                close();
                void navigate(String(to));
              }}
            >
              {(item) => (
                <MenuItem id={item.to} textValue={item.name} className="option">
                  <span>{item.name}</span>
                  <span className="small muted">{item.about}</span>
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
