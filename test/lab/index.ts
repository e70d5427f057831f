/** The lab of real Docker engines, as tests, demo and bench use it. */
export type { CommandOptions } from './command.ts';
export { CommandError, runCommand } from './command.ts';
export type { DockerOptions, EngineRelease, ImageStore, TlsFiles } from './engine.ts';
export { freePort } from './free-port.ts';
export type { Lab, LabHost, LabRegistry } from './lab.ts';
export { lab } from './lab.ts';
export { labPaths, UP_COMMAND } from './paths.ts';
export type { Credentials } from './registry.ts';
export type { BuiltImage, ImageSpec, LayerSpec } from './seed/image-archive.ts';
export { buildImage, imageArchive } from './seed/image-archive.ts';
export type { SeedContainer, SeedImage } from './seed/plan.ts';
export { seedContainers, seedPlan } from './seed/plan.ts';
export { randomContent } from './seed/random-content.ts';
export type { SeededImage } from './seed/seeded.ts';
export type { SshKey } from './ssh-keys.ts';
export { makeSshKey, writeKnownHosts } from './ssh-keys.ts';
export type { HostName, NegativeMaterial } from './state.ts';
export { HOST_NAMES } from './state.ts';
export type {
  EngineOptions,
  SshdOptions,
  ThrowAway,
  ThrowAwayEngine,
  ThrowAwayRegistry,
  ThrowAwaySshd,
} from './throw-away.ts';
export { startEngine, startRegistry, startSshd } from './throw-away.ts';
export { waitUntil } from './wait-until.ts';
