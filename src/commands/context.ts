/** What a command may know of the process it runs in; nothing else reads `process`. */
export type CommandContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  /** Results only, so that they can be piped. */
  readonly stdout: NodeJS.WriteStream;
  /** Progress, logs and errors. */
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by the first SIGINT or SIGTERM: stop taking in work, finish or keep what is begun, say so. */
  readonly signal: AbortSignal;
};
