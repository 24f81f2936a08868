import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useT, type MessageId } from "../i18n";

const rows: readonly [string, MessageId][] = [
  ["a", "ask.do"],
  ["g h", "place.home"],
  ["g r", "place.requests"],
  ["g c", "place.communities"],
  ["g p", "place.people"],
  ["g i", "place.inbox"],
  ["g m", "place.me"],
  ["Ctrl K", "palette.title"],
  ["/", "keys.search"],
  ["j  k", "keys.rows"],
  ["Enter", "keys.open"],
  ["e", "keys.read"],
  ["Ctrl Enter", "keys.send"],
  ["Esc", "keys.leave"],
  ["?", "keys.title"],
];

export default function Keys({ close }: { close: () => void }) {
  const t = useT();
  return (
    <ModalOverlay className="modal-back" isOpen isDismissable onOpenChange={(open) => !open && close()}>
      <Modal className="modal">
        <Dialog>
          <Heading slot="title">{t("keys.title")}</Heading>
          <dl className="keys">
            {rows.map(([key, words]) => (
              <Row key={key} name={key} words={t(words)} />
            ))}
          </dl>
          <Button className="button" onPress={close} autoFocus>
            {t("do.close")}
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Row({ name, words }: { name: string; words: string }) {
  return (
    <>
      <dt>
        {name.split(" ").map((k, i) => (k ? <kbd key={i}>{k}</kbd> : " "))}
      </dt>
      <dd>{words}</dd>
    </>
  );
}
