/** The part of net-snmp 3.29 that is used; the package has no types of its own. */
declare module 'net-snmp' {
  export interface Varbind {
    readonly oid: string;
    readonly type: number;
    readonly value: unknown;
  }

  export interface Session {
    get(oids: string[], done: (error: Error | null, varbinds: Varbind[]) => void): void;
    subtree(
      oid: string,
      maxRepetitions: number,
      feed: (varbinds: Varbind[]) => void,
      done: (error: Error | null) => void,
    ): void;
    on(event: 'error', listener: (error: Error) => void): void;
  }

  export interface SessionOptions {
    readonly port?: number;
    readonly version?: number;
    readonly timeout?: number;
    readonly retries?: number;
    readonly transport?: 'udp4' | 'udp6';
  }

  interface Snmp {
    createSession(target: string, community: string, options: SessionOptions): Session;
    isVarbindError(varbind: Varbind): boolean;
    readonly Version2c: number;
  }

  const snmp: Snmp;
  export default snmp;
}
