import { once } from 'node:events';
import { createServer } from 'node:http';
import { graphql, subscribe } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { schema } from './schema.js';

/** @typedef {import('./truth.js').Truth} Truth */

/** Bytes of a request's body. */
const BODY_BYTES_MAX = 64 * 1024;

/** One subscription of the client. Its messages are sent in the order of the calls. */
export class Subscription {
  /** @type {unknown[]} */
  #waiting = [];
  #wake = () => {};
  isOver = false;

  /** @param {number | null} since @param {readonly string[]} fields that the client requests */
  constructor(since, fields) {
    this.since = since;
    this.fields = fields;
  }

  /** Sends an update, or an error. @param {unknown} update */
  send(update) {
    this.#waiting.push(update);
    this.#wake();
  }

  end() {
    this.isOver = true;
    this.#wake();
  }

  async *updates() {
    try {
      for (;;) {
        while (this.#waiting.length > 0) yield this.#waiting.shift();
        if (this.isOver) return;
        await new Promise((resolve) => {
          this.#wake = () => resolve(undefined);
        });
      }
    } finally {
      this.isOver = true;
    }
  }
}

/**
 * A server of one event. It speaks GraphQL over WebSocket, HTTP and event streams like the real one, and sends exactly the
 * updates that a scenario gives to its subscriptions.
 */
export class FeedServer {
  eventId = 'kit0000event';
  /** Whether new connections are refused. */
  isDown = false;
  /** How many subscriptions there have been. */
  subscriptions = 0;
  /** @type {(subscription: Subscription) => void} */
  onSubscription = () => {};

  /** @param {Truth} truth */
  constructor(truth) {
    this.truth = truth;
    this.http = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.http.on('upgrade', (request, socket, head) => {
      if (this.isDown) socket.destroy();
      else
        this.sockets.handleUpgrade(request, socket, head, (client) =>
          this.sockets.emit('connection', client),
        );
    });
    this.sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: (protocols) => protocols.has('graphql-transport-ws') && 'graphql-transport-ws',
    });
    useServer(
      {
        schema,
        roots: { query: this.#root(), subscription: this.#root() },
        // A later version of the API may add members everywhere.
        onNext: (_context, _id, _payload, _args, result) => addUnknownMembers(result),
      },
      this.sockets,
    );
    this.streams = createHandler({
      schema,
      // One request for each subscription.
      authenticate: () => null,
      subscribe: (args) => subscribe({ ...args, rootValue: this.#root() }),
      onNext: (_context, _request, result) => addUnknownMembers(result),
    });
  }

  /** @returns the address of its WebSockets */
  async listen() {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.http.address());
    return `ws://127.0.0.1:${port}/graphql`;
  }

  /** Cuts every connection without a word. */
  cut() {
    for (const client of this.sockets.clients) client.terminate();
    this.http.closeAllConnections();
  }

  /** Closes every connection as a server does. Event streams have no codes. @param {number} code */
  closeClients(code) {
    for (const client of this.sockets.clients) client.close(code, 'closed by the kit');
    this.http.closeAllConnections();
  }

  close() {
    this.cut();
    this.http.close();
  }

  #root() {
    const { truth } = this;
    return {
      event: (/** @type {{ id: string }} */ { id }) =>
        id !== this.eventId
          ? null
          : {
              id,
              totalSeats: truth.totalSeats,
              seatMap: {
                version: truth.version,
                statuses: truth.statuses(),
                takenSeats: truth.snapshot().seats,
                lockedSeats: truth.snapshot().seats.filter(({ lockedUntil }) => lockedUntil !== null),
              },
            },
      seatAvailabilityChanged: (
        /** @type {{ eventId: string, since?: number | null }} */ { eventId, since = null },
        /** @type {unknown} */ _context,
        /** @type {import('graphql').GraphQLResolveInfo} */ { fieldNodes, fragments },
      ) => {
        if (eventId !== this.eventId) throw new Error(`There is no event ${eventId}.`);
        const fields = fieldNodes.flatMap(({ selectionSet }) => fieldsOf(selectionSet, fragments));
        const subscription = new Subscription(since, fields);
        this.subscriptions += 1;
        this.onSubscription(subscription);
        return this.#withEventId(subscription.updates());
      },
    };
  }

  /** @param {AsyncIterable<unknown>} updates */
  async *#withEventId(updates) {
    for await (const update of updates)
      yield {
        seatAvailabilityChanged:
          update instanceof Error ? update : { eventId: this.eventId, ...Object(update) },
      };
  }

  /** Event streams, and queries: some clients read the map once before they subscribe. @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    if (this.isDown) {
      response.destroy();
      return;
    }
    if (request.url?.endsWith('/stream')) {
      await this.streams(request, response);
      return;
    }
    let body = '';
    for await (const chunk of request) {
      body += chunk;
      if (body.length > BODY_BYTES_MAX) throw new Error('The body is too large.');
    }
    const { query, variables, operationName } = JSON.parse(body || '{}');
    const result = await graphql({
      schema,
      source: String(query),
      rootValue: this.#root(),
      variableValues: variables,
      operationName,
    });
    response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
    response.end(JSON.stringify(addUnknownMembers(result)));
  }
}

/**
 * The names of the requested fields, also of those in fragments.
 *
 * @param {import('graphql').SelectionSetNode | undefined} selectionSet
 * @param {import('graphql').GraphQLResolveInfo['fragments']} fragments
 * @returns {string[]}
 */
function fieldsOf(selectionSet, fragments) {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === 'Field') return [selection.name.value];
    const fragment = selection.kind === 'FragmentSpread' ? fragments[selection.name.value] : selection;
    return fieldsOf(fragment?.selectionSet, fragments);
  });
}

/** @param {any} result of an execution */
function addUnknownMembers(result) {
  const { seatAvailabilityChanged: update } = result.data ?? {};
  return {
    ...result,
    ...(update && { data: { ...result.data, seatAvailabilityChanged: { ...update, addedLater: [{}] } } }),
    extensions: { addedLater: true },
  };
}
