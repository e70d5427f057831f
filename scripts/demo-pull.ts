import { ask, assertSucceeded, follow } from './demo-client.ts';
import { ProgressLines } from './demo-progress.ts';
import { heading } from './demo-text.ts';

const SOURCE = 'alpha';
/** Over TLS, over SSH and over TCP. */
const TARGETS = ['bravo', 'charlie', 'delta'];
/** 205 MB in four layers, and an image that nobody has: only its label is new. */
const DOCKERFILE = 'FROM app:1\nLABEL made-by="the demo of dockgraph"';

const WATCH = `subscription ($id: ID!) { operation(id: $id) { state startedAt finishedAt tasks {
  hostName state error { message hint }
  progress { phase percent currentBytes totalBytes bytesPerSecond etaSeconds }
  result { ... on PullImageResult { pulled { digest } } } } } }`;

/** A pull on three hosts at once, watched to its end. Leaves the hosts as they were. */
export async function showPull(url: string, registry: string, signal: AbortSignal): Promise<void> {
  const reference = `${registry}/demo/app:1`;
  heading(`A pull on ${TARGETS.length} hosts at once`);
  let id: string | undefined;
  try {
    await makeAndPush(url, reference);
    const { pullImage } = await ask(
      url,
      `mutation Pull($hosts: [String!]!, $references: [String!]!) {
         pullImage(input: { hosts: { names: $hosts }, references: $references }) { operation { id } } }`,
      { hosts: TARGETS, references: [reference] },
    );
    id = pullImage.operation.id as string;
    const screen = new ProgressLines(
      process.stdout.isTTY,
      ({ pulled }) => pulled[0].digest?.slice(0, 19) ?? '',
    );
    let last: any;
    for await (const { operation } of follow(url, WATCH, { id }, signal)) {
      screen.show(operation.tasks);
      last = operation;
    }
    if (last === undefined) return;
    const seconds = (Date.parse(last.finishedAt) - Date.parse(last.startedAt)) / 1000;
    console.log(`\n${last.state} after ${seconds.toFixed(1)} s.`);
    await showHolders(url, reference);
  } finally {
    await cleanUp(url, reference, id);
  }
}

async function makeAndPush(url: string, reference: string): Promise<void> {
  const { buildImage } = await ask(
    url,
    `mutation Build($host: String!, $dockerfile: String!, $tag: String!) { buildImage(input: {
       hosts: { names: [$host] }, context: { dockerfile: $dockerfile }, tags: [$tag], waitSeconds: 120 }) {
       operation { state tasks { error { message } } } } }`,
    { host: SOURCE, dockerfile: DOCKERFILE, tag: reference },
  );
  assertSucceeded(buildImage.operation);
  const { pushImage } = await ask(
    url,
    `mutation Push($host: String!, $reference: String!) { pushImage(input: {
       hosts: { names: [$host] }, references: [$reference], waitSeconds: 300 }) {
       operation { state tasks { error { message } } } } }`,
    { host: SOURCE, reference },
  );
  assertSucceeded(pushImage.operation);
  console.log(`${SOURCE} built an image and pushed it as ${reference}.\n`);
}

async function showHolders(url: string, ref: string): Promise<void> {
  const { image } = await ask(
    url,
    'query ($ref: String!) { image(ref: $ref) { shortId hosts { nodes { host { name } } } } }',
    { ref },
  );
  const hosts = image.hosts.nodes.map(({ host }: any) => host.name).join(' ');
  console.log(`The graph shows it already: image ${image.shortId} is on ${hosts}.`);
}

/** Takes the demo's tag away, and with it the image where nobody else has named it. */
async function cleanUp(url: string, reference: string, id: string | undefined): Promise<void> {
  if (id !== undefined) {
    await ask(
      url,
      'mutation ($id: ID!) { cancelOperation(input: { id: $id }) { operation { id } } }',
      {
        id,
      },
    );
  }
  await ask(
    url,
    `mutation ($hosts: [String!]!, $tag: String!) { untagImage(input: {
       hosts: { names: $hosts }, tags: [$tag], waitSeconds: 60 }) { operation { state } } }`,
    { hosts: [SOURCE, ...TARGETS], tag: reference },
  );
}
