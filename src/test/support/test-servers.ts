import { TestApp, type TestAppOptions } from './test-app.js';

/** Several servers of one database, for what must be the same on all of them. */
export class TestServers {
  private constructor(
    readonly first: TestApp,
    readonly all: readonly TestApp[],
  ) {}

  /** @param count of servers, at least one */
  static async start(count: number, options: TestAppOptions = {}): Promise<TestServers> {
    const first = await TestApp.start(options);
    const all = [first];
    while (all.length < count) all.push(await TestApp.start({ sharing: first }));
    return new TestServers(first, all);
  }

  /** Server number `index`, counted in circles from the first, 0. */
  of(index: number): TestApp {
    return this.all[index % this.all.length] as TestApp;
  }

  /** Closes all servers, the first one last, and drops their database unless it is kept. */
  async close({ keepData = false } = {}): Promise<void> {
    for (const other of this.all.slice(1)) await other.close({ keepData: true });
    await this.first.close({ keepData });
  }
}
