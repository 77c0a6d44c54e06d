import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { mongo } from 'mongoose';

/**
 * What happens to one command: it passes; it is lost before mongod receives it; or mongod executes it and its answer is
 * lost. Both losses cut the connection, as a network does.
 */
export type Fate = 'passes' | 'is lost' | 'loses its answer';

/** Called for every answer, if set. @returns the replacement, or null to keep the answer */
export type Rewrite = (answer: mongo.BSON.Document) => mongo.BSON.Document | null;

/** Called for every command in the order of sending, and awaited. */
export type Decide = (command: { name: string; document: mongo.BSON.Document }) => Fate | Promise<Fate>;

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** An OP_MSG's first section: flags (4 bytes), its kind (1 byte), and then the command as one document. */
const COMMAND_AT = HEADER_BYTES + 5;

/**
 * A connection to a real mongod on which a test can lose commands and answers. Mongod itself can be made to fail a commit
 * in every way but this one: the commit is done and its answer is lost.
 */
export class MongoWire {
  decide: Decide = () => 'passes';
  rewrite: Rewrite | undefined;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly mongodPort: number,
  ) {
    server.on('connection', (client) => this.#join(client));
  }

  static async start(mongodPort: number): Promise<MongoWire> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MongoWire(server, mongodPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Direct: otherwise the driver would connect to the replica set's own address. */
  uri(databaseName: string): string {
    return `mongodb://127.0.0.1:${this.port}/${databaseName}?directConnection=true`;
  }

  /** Closes every connection, as the kernel does for a process that is killed. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: Socket): void {
    const mongod = connect(this.mongodPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, mongod],
      [mongod, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // An error is followed by the close.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }

    const losing = new Set<number>();
    eachMessage(mongod, (message) => {
      if (losing.has(message.readInt32LE(8))) client.destroy();
      else client.write(this.#rewritten(message));
    });
    let queue = Promise.resolve();
    eachMessage(client, (message) => {
      queue = queue.then(async () => {
        const fate = await this.#fateOf(message);
        if (fate === 'is lost') {
          client.destroy();
          return;
        }
        if (fate === 'loses its answer') losing.add(message.readInt32LE(4));
        mongod.write(message);
      });
    });
  }

  async #fateOf(message: Buffer): Promise<Fate> {
    if (message.readInt32LE(12) !== OP_MSG) return 'passes';
    const document = mongo.BSON.deserialize(documentIn(message));
    return this.decide({ name: Object.keys(document)[0] as string, document });
  }

  #rewritten(message: Buffer): Buffer {
    if (this.rewrite === undefined || message.readInt32LE(12) !== OP_MSG) return message;
    // Values keep their types, because they are sent again.
    const answer = mongo.BSON.deserialize(documentIn(message), { promoteValues: false });
    const instead = this.rewrite(answer);
    if (instead === null) return message;
    const head = Buffer.from(message.subarray(0, COMMAND_AT));
    const document = mongo.BSON.serialize(instead);
    head.writeInt32LE(head.length + document.length, 0);
    return Buffer.concat([head, document]);
  }
}

function documentIn(message: Buffer): Buffer {
  return message.subarray(COMMAND_AT, COMMAND_AT + message.readInt32LE(COMMAND_AT));
}

/** Splits the received bytes into the protocol's messages. Each starts with its length. */
function eachMessage(socket: Socket, take: (message: Buffer) => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
      const length = bytes.readInt32LE(0);
      take(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
  });
}
