import { Fragment } from "react";
import { columns, type ImportKind } from "../api/importing";

/** The first line of a file, which goes on in the next line after a comma. */
export function ImportColumns({ kind }: { kind: ImportKind }) {
  return (
    <code>
      {columns[kind].split(/(?<=,)/).map((column) => (
        <Fragment key={column}>
          {column}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}
