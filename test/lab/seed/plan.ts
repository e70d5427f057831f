/*
 * What `seed` puts where, as data. Tests compare engines and the graph with this table; the
 * digests, which depend on nothing but this folder (and on the machine's busybox for images that
 * can run), are in {@link SeededImage}.
 */
import type { HostName } from '../state.ts';

/** How an image came to be. */
type SeedOrigin =
  /** Made by hand and loaded: the same content wherever it is. */
  | 'archive'
  /** Built, committed or imported by that host's engine. */
  | 'engine'
  /** Pulled from, or pushed to, a registry of the lab. */
  | 'registry';

/** One image of the plan. `{open}` and `{locked}` in names stand for the registries' addresses. */
export interface SeedImage {
  /** Names the content: two rows never hold the same image. */
  readonly key: string;
  readonly purpose: string;
  readonly origin: SeedOrigin;
  /** Its tags on each host that holds it; none there means dangling or known by digest only. */
  readonly hosts: Readonly<Partial<Record<HostName, readonly string[]>>>;
  /** The repositories under which each host knows its registry digest. */
  readonly digestOf?: Readonly<Partial<Record<HostName, string>>> | undefined;
}

const LONG_TAG = `T${'x'.repeat(126)}T`;

const LOADED = [
  {
    key: 'base',
    purpose: 'the base of 200 MB in three layers, on every host',
    hosts: {
      alpha: ['team/base:1'],
      bravo: ['team/base:1'],
      charlie: ['team/base:1'],
      delta: ['team/base:1'],
      echo: ['team/base:1'],
    },
  },
  {
    key: 'base-labelled',
    purpose: 'the layers of the base under another config: same content on disk, another image',
    hosts: { charlie: ['team/base:1-labelled'] },
  },
  {
    key: 'app-1',
    purpose: 'an app of 5 MB on the base; several tags on one image; not everywhere',
    hosts: {
      alpha: ['app:1', 'app:stable', 'registry.example.com/team/app:1'],
      delta: ['app:1'],
    },
  },
  {
    key: 'app-2',
    purpose: 'another app on the base, in both image stores: two IDs, but no drift',
    hosts: { alpha: ['app:2', 'app:latest'], charlie: ['app:2'], echo: ['app:2'] },
  },
  {
    key: 'web-old',
    purpose: 'drift: what shop/web:1.4 was',
    hosts: { alpha: ['shop/web:1.4'], charlie: ['shop/web:1.4'] },
  },
  {
    key: 'web-new',
    purpose: 'drift: what shop/web:1.4 is now',
    hosts: { bravo: ['shop/web:1.4', 'shop/web:1.4.1'], echo: ['shop/web:1.4'] },
  },
  {
    key: 'nginx',
    purpose: 'a well-known name on several hosts',
    hosts: { alpha: ['nginx:1.25'], bravo: ['nginx:1.25'], echo: ['nginx:1.25', 'nginx:latest'] },
  },
  {
    key: 'nginx-alpine',
    purpose: 'tag with a variant: alpine',
    hosts: { alpha: ['nginx:1.25-alpine'], delta: ['nginx:1.25-alpine'] },
  },
  {
    key: 'nginx-slim',
    purpose: 'tag with a variant: a Debian codename and slim',
    hosts: { bravo: ['nginx:1.25-bookworm-slim'], delta: ['nginx:1.25-slim'] },
  },
  {
    key: 'nginx-windows',
    purpose: 'tag with a variant: windowsservercore',
    hosts: { charlie: ['nginx:1.25-windowsservercore-ltsc2022'] },
  },
  {
    key: 'busybox',
    purpose: 'an image that can run; several tags; used by containers',
    hosts: {
      alpha: ['busybox:1', 'busybox:1.35', 'busybox:latest'],
      bravo: ['busybox:1'],
      charlie: ['busybox:1'],
      delta: ['busybox:1', 'busybox:latest'],
      echo: ['busybox:1'],
    },
  },
  {
    key: 'dangling-1',
    purpose: 'dangling, on both image stores, with 3 MB of its own',
    hosts: { alpha: [], delta: [], echo: [] },
  },
  {
    key: 'dangling-2',
    purpose: 'dangling, on the base: its removal frees little',
    hosts: { alpha: [], bravo: [] },
  },
  {
    key: 'dangling-used',
    purpose: 'dangling, but a stopped container uses it',
    hosts: { bravo: [] },
  },
  {
    key: 'history-120',
    purpose: '120 rows of history over three layers',
    hosts: { bravo: ['odd/history:120'], echo: ['odd/history:120'] },
  },
  {
    key: 'layers-125',
    purpose: '125 layers, the most that a classic store takes',
    hosts: { alpha: ['odd/layers:125'], delta: ['odd/layers:125'] },
  },
  {
    key: 'layers-101',
    purpose: 'more than 100 layers, in both image stores',
    hosts: { charlie: ['odd/layers:101'], echo: ['odd/layers:101'] },
  },
  {
    key: 'layers-127',
    purpose: 'more layers than a classic store takes ("max depth exceeded")',
    hosts: { echo: ['odd/layers:127'] },
  },
  {
    key: 'repeated-layer',
    purpose: 'the same layer (diffID) twice in one image',
    hosts: {
      charlie: ['odd/repeat:1'],
      delta: ['odd/repeat:1'],
      echo: ['odd/repeat:1'],
    },
  },
  {
    key: 'empty-layer',
    purpose: 'its only layer is an empty tar file',
    hosts: { bravo: ['odd/empty-layer:1'], delta: ['odd/empty-layer:1'] },
  },
  {
    key: 'rich',
    purpose: 'everything a config can say',
    hosts: { alpha: ['team/rich:1'], charlie: ['team/rich:1'], echo: ['team/rich:1'] },
  },
  {
    key: 'arm',
    purpose: 'another architecture, with a variant',
    hosts: { alpha: ['team/arm:1'], delta: ['team/arm:1'] },
  },
  {
    key: 'odd-names',
    purpose: 'names that are easy to misread',
    hosts: {
      bravo: ['registry:5000/a/b/c:tag', 'localhost/a__b--c.d/e:V1.0-rc_2'],
      charlie: ['registry:5000/a/b/c:tag', `odd/long:${LONG_TAG}`],
      delta: ['localhost:5000/x:5000', 'docker.example.com:8443/y/z:latest'],
    },
  },
] as const;

const MADE: readonly SeedImage[] = [
  {
    key: 'built-20',
    purpose: 'built by the classic builder of 20.10: a real history, with parents',
    origin: 'engine',
    hosts: { alpha: ['team/built:1'] },
  },
  {
    key: 'built-26',
    purpose: 'built by the classic builder of 26.1',
    origin: 'engine',
    hosts: { delta: ['team/built:1'] },
  },
  {
    key: 'committed',
    purpose: 'committed from a container',
    origin: 'engine',
    hosts: { bravo: ['team/committed:1'] },
  },
  {
    key: 'imported',
    purpose: 'imported from a tar file: one layer, no config',
    origin: 'engine',
    hosts: { charlie: ['team/imported:1'] },
  },
  {
    key: 'no-layers',
    purpose: 'FROM scratch with nothing but settings: no layer at all',
    origin: 'engine',
    hosts: { alpha: ['odd/empty:1'] },
  },
];

const DISTRIBUTED = [
  {
    key: 'tool',
    purpose: 'in the open registry; here by tag, there by digest only',
    hosts: { alpha: ['{open}/team/tool:1'], charlie: [], delta: ['{open}/team/tool:1'] },
    digestOf: { alpha: '{open}/team/tool', charlie: '{open}/team/tool', delta: '{open}/team/tool' },
  },
  {
    key: 'moving-old',
    purpose: 'pulled before its tag was moved in the open registry: not up to date',
    hosts: { alpha: ['{open}/team/moving:1'], bravo: ['{open}/team/moving:1'] },
    digestOf: { alpha: '{open}/team/moving', bravo: '{open}/team/moving' },
  },
  {
    key: 'moving-new',
    purpose: 'what the open registry has under that tag now',
    hosts: { delta: ['{open}/team/moving:1'], echo: ['{open}/team/moving:1'] },
    digestOf: { delta: '{open}/team/moving', echo: '{open}/team/moving' },
  },
  {
    key: 'secret',
    purpose: 'in the registry that asks for a password',
    hosts: { delta: ['{locked}/secret/app:1'], bravo: ['{locked}/secret/app:1'] },
    digestOf: { delta: '{locked}/secret/app', bravo: '{locked}/secret/app' },
  },
] as const;

/** Keys of the images whose content is made by hand. */
export type ArchiveKey = (typeof LOADED)[number]['key'] | (typeof DISTRIBUTED)[number]['key'];

/** Every image that `seed` makes, and where. */
export const seedPlan: readonly SeedImage[] = [
  ...LOADED.map((image): SeedImage => Object.assign({ origin: 'archive' as const }, image)),
  ...MADE,
  ...DISTRIBUTED.map((image): SeedImage => Object.assign({ origin: 'registry' as const }, image)),
];

/** A container that `seed` makes. */
export interface SeedContainer {
  readonly host: HostName;
  readonly name: string;
  /** Key of its image. */
  readonly image: string;
  /** As the engine says it: `created` was never started. */
  readonly state: 'running' | 'exited' | 'created';
}

/** Every container that `seed` makes. */
export const seedContainers: readonly SeedContainer[] = [
  { host: 'alpha', name: 'lab-running', image: 'busybox', state: 'running' },
  { host: 'alpha', name: 'lab-stopped', image: 'app-1', state: 'created' },
  { host: 'bravo', name: 'lab-dangling', image: 'dangling-used', state: 'exited' },
  { host: 'delta', name: 'lab-running', image: 'busybox', state: 'running' },
  { host: 'echo', name: 'lab-stopped', image: 'nginx', state: 'created' },
  { host: 'echo', name: 'lab-running', image: 'busybox', state: 'running' },
];
