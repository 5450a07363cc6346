import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { ClosedLoopReport } from '../load/closed-loop.ts';
import { type Children, createChildren } from './children.ts';

const LOAD = { name: 'load', script: 'bench/load/main.ts' };
let folder: string;
let children: Children;
let server: Server | undefined;
const notices: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tollgate-children-'));
  children = createChildren(folder, { onNotice: (name, notice) => notices.push(`${name}: ${notice}`) });
});

afterEach(async () => {
  await children.stopAll();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
  notices.length = 0;
});

test('a process that has ended fails the next order, and messages to it end nothing else', async () => {
  const child = await children.start(LOAD);
  process.kill(child.pid, 'SIGKILL');
  for (let count = 0; count < 20; count += 1) {
    child.tell({ kind: 'progress', doneCount: count });
    await sleep(5);
  }
  await expect(child.ask({ kind: 'closed-loop' })).rejects.toThrow('load ended unexpectedly');
});

test('what a load met beside acceptances is told beside its report', async () => {
  let count = 0;
  server = createServer((_request, response) => {
    count += 1;
    const [status, body] = count === 1 ? [503, '{}'] : [202, '{"payment_id":1}'];
    response.writeHead(status, { 'Content-Length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const child = await children.start(LOAD);
  const order = { kind: 'closed-loop', port, userCount: 1, connectionCount: 1, warmupMs: 0, windowMs: 1000 };
  const { acceptedCount } = await child.ask<ClosedLoopReport>(order);
  expect(acceptedCount).toBe(count - 1);
  await waitUntil('the notice has come', () => notices.length === 1);
  expect(notices).toEqual(['load: 1 requests were turned away (503) and sent again with their key']);
});
