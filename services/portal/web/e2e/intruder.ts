import { createHash } from "node:crypto";
import { createConnection } from "node:net";
import { join } from "node:path";

/**
 * Puts an event that nobody can read into the log of a Kith on this machine, past all
 * services, through the socket that backups come by. Resolves when the log has it.
 */
export function intrude(data: string, id: string): Promise<void> {
  const body = '{"community":["this is no id"]}';
  const headers = Object.entries({ "ce-id": createHash("sha256").update(id).digest("hex").slice(0, 32), "ce-type": "request.raised", "ce-source": `/community/request/${id}`, "ce-specversion": "1.0", "ce-time": new Date().toISOString(), "ce-command": id, "ce-actor": "nobody" });
  const head = "NATS/1.0\r\n" + headers.map(([name, value]) => `${name}: ${value}\r\n`).join("") + "\r\n";
  return new Promise((done, failed) => {
    const socket = createConnection(join(data, "log", "door"));
    let said = "";
    socket.on("error", failed);
    socket.on("data", (part) => {
      said += part.toString();
      const refused = /-ERR [^\r\n]*|"error":\{[^}]*\}/.exec(said);
      if (!refused && !/"stream":"EVENTS"/.test(said)) return;
      socket.end();
      if (refused) failed(new Error(refused[0]));
      else done();
    });
    socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true,"name":"intruder"}\r\n');
    socket.write("SUB _INBOX.intruder 1\r\n");
    socket.write(`HPUB evt.community.request.${id} _INBOX.intruder ${head.length} ${head.length + body.length}\r\n${head}${body}\r\n`);
  });
}
