/** Text as somebody wrote it: paragraphs, lines, and addresses that lead there. Nothing else means anything. */
export function Prose({ text }: { text: string }) {
  return (
    <div className="prose">
      {text.split(/\n{2,}/).map((paragraph, i) => (
        <p key={i}>
          {paragraph.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part, j) =>
            j % 2 === 0 ? (
              part
            ) : (
              <a key={j} href={part} rel="noreferrer">
                {part}
              </a>
            ),
          )}
        </p>
      ))}
    </div>
  );
}
