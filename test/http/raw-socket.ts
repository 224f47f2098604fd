import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Exchange {
  /** All that came back until the server closed the connection. */
  text: string;
  /** The status of each answer, in order. */
  statuses: number[];
}

/** Opens a connection that ends with the test at the latest. */
export function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined); // the server may reset it
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

/** Sends bytes as they are and collects what comes back until the server closes the connection. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<Exchange> {
  const socket = open(port);
  for (const part of parts) socket.write(part);
  return collect(socket);
}

/** Reads a connection to its end. */
export async function collect(socket: Socket): Promise<Exchange> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await new Promise((resolve) => socket.once("close", resolve));
  const text = Buffer.concat(chunks).toString("latin1");
  return { text, statuses: [...text.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map(([, status]) => Number(status)) };
}
