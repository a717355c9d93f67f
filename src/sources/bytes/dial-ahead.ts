import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { RecentMap } from './recent-map.ts';

/**
 * Opens connections before they are asked for. A scene is read in steps, each of which needs more connections than the
 * one before; over TLS each new one costs round trips of its own. With the first connection to a host where none is open
 * some more are opened, and are ready by the time that the header has come.
 */
export type DialAhead = {
  /** For undici's `connect`. */
  readonly connect: buildConnector.connector;
  /** Closes what nobody asked for. */
  close(): void;
};

export type DialAheadSettings = {
  /** Opened beside the first. */
  readonly ahead: number;
  /** Open at a time to one host, asked for or not. */
  readonly maxConnections: number;
};

type Spare = { readonly dialled: Promise<Socket>; take(): void; drop(): void };
type Host = { open: number; readonly spares: Spare[] };

/** What nobody has asked for by then is closed: servers count connections. */
const SPARE_SECONDS = 10;
/** Messages may name any number of them. */
const MAX_FAILING_HOSTS = 1024;

/** @param dial opens one, to a checked address */
export function dialAhead(dial: buildConnector.connector, { ahead, maxConnections }: DialAheadSettings): DialAhead {
  const hosts = new Map<string, Host>();
  /** The last connection to them did not come about. One at a time is tried then. */
  const failing = new RecentMap<true>(MAX_FAILING_HOSTS);

  const open = (key: string, host: Host, options: buildConnector.Options): Promise<Socket> => {
    const leave = () => {
      host.open -= 1;
      // A host to which nothing is open costs nothing.
      if (host.open === 0) hosts.delete(key);
    };
    host.open += 1;
    return new Promise<Socket>((resolve, reject) => {
      dial(options, (error, socket) => (error ? reject(error) : resolve(socket as Socket)));
    }).then(
      (socket) => {
        failing.delete(key);
        return socket.once('close', leave);
      },
      (error) => {
        failing.set(key, true);
        leave();
        throw error;
      },
    );
  };

  return {
    connect(options, callback) {
      const key = `${options.protocol}//${options.servername ?? ''}@${options.hostname}:${options.port}`;
      const host = hosts.get(key) ?? { open: 0, spares: [] };
      hosts.set(key, host);
      const isCold = host.open === 0 && !failing.get(key);
      const spare = host.spares.shift();
      spare?.take();
      const socket = spare?.dialled ?? open(key, host, options);
      socket.then(
        (socket) => callback(null, socket.ref()),
        (error) => callback(error, null),
      );
      if (!isCold) return;
      const more = Math.min(ahead, maxConnections - host.open);
      for (let n = 0; n < more; n += 1) host.spares.push(spareOf(open(key, host, options), host.spares));
    },
    close() {
      for (const { spares } of hosts.values()) for (const spare of spares.splice(0)) spare.drop();
    },
  };
}

/** Leaves the others when it is closed, by its server or for its age. */
function spareOf(dialled: Promise<Socket>, spares: Spare[]): Spare {
  const leave = () => {
    const at = spares.indexOf(spare);
    if (at >= 0) spares.splice(at, 1);
  };
  const drop = () => {
    leave();
    dialled.then((socket) => socket.destroy()).catch(() => undefined);
  };
  const age = setTimeout(drop, SPARE_SECONDS * 1000).unref();
  const ignore = () => undefined; // its close follows
  dialled.then((socket) => socket.unref().on('error', ignore).on('close', leave)).catch(leave);
  const spare: Spare = {
    dialled,
    take() {
      clearTimeout(age);
      dialled.then((socket) => socket.off('error', ignore).off('close', leave)).catch(() => undefined);
    },
    drop,
  };
  return spare;
}
