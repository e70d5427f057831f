import { ask, assertSucceeded, follow } from './demo-client.ts';
import { ProgressLines } from './demo-progress.ts';
import { bytes, heading, table } from './demo-text.ts';

const SOURCE = 'alpha';
/** 20.10 over SSH and 26.1 with containerd's store: both hold app:2, 205 MB of it. */
const TARGETS = ['charlie', 'echo'];
const REFERENCE = 'demo/release:1';
/** One layer more than app:2. */
const DOCKERFILE = 'FROM app:2\nCOPY --from=busybox:1 /bin /tools';

const WATCH = `subscription ($id: ID!) { operation(id: $id) { state startedAt finishedAt tasks {
  hostName state error { message hint }
  progress { phase percent currentBytes totalBytes bytesPerSecond etaSeconds }
  result { ... on TransferImageResult { bytesSent bytesSaved images { mode image { image { shortId } } } } } } } }`;

/** A new release for two hosts that hold its base: planned, copied, proven. Removes it again. */
export async function showTransfer(url: string, signal: AbortSignal): Promise<void> {
  heading(`A new release for ${TARGETS.length} hosts that have its base`);
  let id: string | undefined;
  try {
    await makeRelease(url);
    const plan = await showPlan(url);
    const { transferImage } = await ask(
      url,
      `mutation Run($plan: ID!) { transferImage(input: { plan: $plan }) { operation { id } } }`,
      { plan },
    );
    id = transferImage.operation.id as string;
    const screen = new ProgressLines(process.stdout.isTTY, doneText);
    let last: any;
    for await (const { operation } of follow(url, WATCH, { id }, signal)) {
      screen.show(operation.tasks);
      last = operation;
    }
    if (last === undefined) return;
    assertSucceeded(last);
    const seconds = (Date.parse(last.finishedAt) - Date.parse(last.startedAt)) / 1000;
    const results = last.tasks.map(({ result }: any) => result);
    const sent = results.reduce((sum: number, { bytesSent }: any) => sum + bytesSent, 0);
    const saved = results.reduce((sum: number, { bytesSaved }: any) => sum + bytesSaved, 0);
    console.log(
      `\n${last.state} after ${seconds.toFixed(1)} s: ${bytes(sent)} travelled to ${TARGETS.length} hosts, ` +
        `${bytes(saved)} did not have to. Every copy was proven whole before it got its tag.`,
    );
  } finally {
    await cleanUp(url, id);
  }
}

async function makeRelease(url: string): Promise<void> {
  const { buildImage } = await ask(
    url,
    `mutation Build($host: String!, $dockerfile: String!, $tag: String!) { buildImage(input: {
       hosts: { names: [$host] }, context: { dockerfile: $dockerfile }, tags: [$tag], waitSeconds: 120 }) {
       operation { state tasks { error { message } } } } }`,
    { host: SOURCE, dockerfile: DOCKERFILE, tag: REFERENCE },
  );
  assertSucceeded(buildImage.operation);
  console.log(`${SOURCE} built ${REFERENCE} on app:2. The plan:\n`);
}

async function showPlan(url: string): Promise<string> {
  const { transferPlan } = await ask(
    url,
    `query Plan($reference: String!, $source: String!, $targets: [String!]!) { transferPlan(input: {
       references: [$reference], source: $source, targets: { names: $targets } }) {
       id targets { hostName host { transport engine { version imageStore } }
         bytesToSend bytesSaved missingLayers { diffId } images { presentLayers { diffId } } } } }`,
    { reference: REFERENCE, source: SOURCE, targets: TARGETS },
  );
  table(
    ['target', 'over', 'engine', 'store', 'layers to send', 'bytes', 'layers there', 'bytes'],
    transferPlan.targets.map(({ hostName, host, ...target }: any) => [
      hostName,
      host.transport,
      host.engine.version,
      host.engine.imageStore,
      target.missingLayers.length,
      bytes(target.bytesToSend),
      target.images[0].presentLayers.length,
      bytes(target.bytesSaved),
    ]),
  );
  console.log();
  return transferPlan.id as string;
}

function doneText({ bytesSent, bytesSaved, images: [first] }: any): string {
  return `${first.mode}: ${bytes(bytesSent)} sent, ${bytes(bytesSaved)} saved, image ${first.image.image.shortId}`;
}

/** Takes the release away from everywhere. */
async function cleanUp(url: string, id: string | undefined): Promise<void> {
  if (id !== undefined) {
    await ask(
      url,
      'mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { id } } }',
      { id },
    );
  }
  await ask(
    url,
    `mutation ($hosts: [String!]!, $tag: String!) { removeImage(input: {
       hosts: { names: $hosts }, images: [$tag], waitSeconds: 60 }) { operation { state } } }`,
    { hosts: [SOURCE, ...TARGETS], tag: REFERENCE },
  );
}
