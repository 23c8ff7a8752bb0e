/** An SNMP agent on this machine that answers with what it likes. BER tags: RFC 3416. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

const [SEQUENCE, INTEGER, OCTETS, OID, TICKS, COUNTER64, RESPONSE, REPORT, END_OF_VIEW] = [
  0x30, 0x02, 0x04, 0x06, 0x43, 0x46, 0xa2, 0xa8, 0x82,
];
const NAMES = [0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 1];
const NAME = [...NAMES, 7];
const COUNTER = [0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 10, 7];
const UP_TIME = [0x2b, 6, 1, 2, 1, 1, 3, 0];

const tlv = (tag: number, ...content: readonly (Buffer | readonly number[])[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x81, body.length]), body]);
};
const varbind = (oid: readonly number[], value: Buffer): Buffer => tlv(SEQUENCE, tlv(OID, oid), value);
const asks = (request: Buffer, oid: readonly number[]): boolean =>
  request.includes(Buffer.from([OID, oid.length, ...oid]));

export type Answer = (request: Buffer, from: RemoteInfo) => Buffer | null;

/** Its interface has index 7; a walk of the names ends behind it. */
export class FakeAgent implements AsyncDisposable {
  readonly #socket: Socket;
  octets = 0n;
  upTime = 0;
  /** Of the one interface. */
  name = 'up';
  answer: Answer = (request) => this.honest(request);

  static async start(address = '127.0.0.1', port = 0): Promise<FakeAgent> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(port, address);
    await once(socket, 'listening');
    return new FakeAgent(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (request, from) => {
      const answer = this.answer(request, from);
      if (answer !== null) this.send(answer, from);
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(datagram: Buffer, { port, address }: RemoteInfo): void {
    this.#socket.send(datagram, port, address);
  }

  honest(request: Buffer): Buffer {
    return this.#response(request, RESPONSE, this.#varbinds(request));
  }

  /** What SNMPv3 has for its own troubles, in an answer of v2c: net-snmp 3.29 throws where nobody catches it. */
  report(request: Buffer): Buffer {
    return this.#response(request, REPORT, this.#varbinds(request));
  }

  /** One name more each time it is asked: a walk without an end. */
  endless(request: Buffer): Buffer {
    this.#walked++;
    const row = [...NAMES, 0x80 | (this.#walked >>> 7), this.#walked & 0x7f];
    return this.#response(request, RESPONSE, [varbind(row, tlv(OCTETS, Buffer.from('other')))]);
  }

  #walked = 128;

  #varbinds(request: Buffer): Buffer[] {
    if (asks(request, COUNTER)) {
      const counter = Buffer.alloc(9);
      counter.writeBigUInt64BE(this.octets, 1);
      const time = Buffer.alloc(5);
      time.writeUInt32BE(this.upTime, 1);
      return [
        varbind(UP_TIME, tlv(TICKS, time)),
        varbind(NAME, this.#name()),
        varbind(COUNTER, tlv(COUNTER64, counter)),
      ];
    }
    return asks(request, NAME) ? [varbind(NAME, tlv(END_OF_VIEW))] : [varbind(NAME, this.#name())];
  }

  #name(): Buffer {
    return tlv(OCTETS, Buffer.from(this.name));
  }

  /** The request id stands behind version, community and the tag of the PDU. */
  #response(request: Buffer, tag: number, varbinds: readonly Buffer[]): Buffer {
    const pdu = request.indexOf(Buffer.from('public')) + 'public'.length;
    const id = request.subarray(pdu + 2, pdu + 4 + request[pdu + 3]);
    const zero = tlv(INTEGER, [0]);
    const content = tlv(tag, id, zero, zero, tlv(SEQUENCE, ...varbinds));
    return tlv(SEQUENCE, tlv(INTEGER, [1]), tlv(OCTETS, Buffer.from('public')), content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
