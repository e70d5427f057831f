import { stripVTControlCharacters } from 'node:util';
import type { ProgressMessage } from '../engine/image-verbs.ts';
import type { TaskContext, TaskProgress } from '../operations/operation.ts';
import { LayerProgress } from './layer-progress.ts';

/** A step of a build. */
export interface BuildStep {
  /** BuildKit and podman count those of each stage: its name, or `[1/2]`, where there are several. */
  stage?: string;
  /** From 1. */
  number: number;
  /** How many there are. */
  of: number;
  /** The instruction, such as `RUN make`. */
  text: string;
}

const NOTHING: Omit<TaskProgress, 'phase' | 'percent'> = {
  currentBytes: null,
  totalBytes: null,
  bytesPerSecond: null,
  etaSeconds: null,
  parts: [],
};

/** `Step 1/3 : FROM a`; podman says `STEP 1/3: FROM a`, or `[1/2] STEP …` where there are stages. */
const STEP = /^(?:(\[(\d+)\/(\d+)\]) )?(?:Step|STEP) (\d+)\/(\d+) ?: (.*)$/;
const FROM_CACHE = /^ ---> Using cache$|^--> Using cache [0-9a-f]+$/;

/** Reads off a classic build's output how far it is, and how much of it came from the cache. */
export class BuildProgress {
  readonly #context: TaskContext;
  #step: BuildStep | null = null;
  /** Of stages that are done. */
  #stepsBefore = 0;
  /** How much of the build those are. */
  #shareBefore = 0;
  #stages = 1;
  #cachedSteps = 0;
  #isStepNew = false;
  /** Of the image that the current step pulls. */
  #layers: LayerProgress;

  constructor(context: TaskContext) {
    this.#context = context;
    this.#layers = this.#layersOfStep();
  }

  /** The one under way, or the last; null before the first. */
  get step(): BuildStep | null {
    return this.#step;
  }

  get steps(): number {
    return this.#stepsBefore + (this.#step?.of ?? 0);
  }

  get cachedSteps(): number {
    return this.#cachedSteps;
  }

  /** A line of output: the builder's own, or of a command, which may print anything. */
  takeLine(line: string): void {
    // The builder colours what commands write to standard error.
    const text = stripVTControlCharacters(line);
    this.#context.log(text);
    // Only right after its step is it the builder that says so.
    if (this.#isStepNew && FROM_CACHE.test(text)) this.#cachedSteps++;
    this.#isStepNew = false;
    const [, stage, place, stages, number, of, instruction] = STEP.exec(text) ?? [];
    const isNewStage = stage !== this.#step?.stage;
    const last = isNewStage ? 0 : (this.#step?.number ?? 0);
    // A command that prints such a line does not move the build on.
    if (instruction === undefined || Number(number) !== last + 1) return;
    if (isNewStage && this.#step !== null && place === undefined) return;
    if (isNewStage) {
      this.#stepsBefore = this.steps;
      this.#shareBefore = (Number(place) - 1) / Number(stages);
      this.#stages = Number(stages);
    }
    this.#step = {
      ...(stage !== undefined && { stage }),
      number: Number(number),
      of: Number(of),
      text: instruction,
    };
    this.#isStepNew = true;
    this.#layers = this.#layersOfStep();
    this.#context.progress({ ...NOTHING, phase: 'BUILDING', percent: this.#percent });
  }

  /** There is an image. */
  done(): void {
    this.#context.progress({ ...NOTHING, phase: 'BUILDING', percent: 100 });
  }

  /** Of the pull of an image that the Dockerfile names. */
  takePull(message: ProgressMessage): void {
    this.#layers.take(message);
  }

  /** Of the steps that are done. */
  get #percent(): number | null {
    if (this.#step === null) return null;
    const { number, of } = this.#step;
    return 100 * (this.#shareBefore + (number - 1) / of / this.#stages);
  }

  #layersOfStep(): LayerProgress {
    const { log, progress } = this.#context;
    return new LayerProgress(
      {
        ...this.#context,
        log,
        progress: (told) => progress({ ...told, phase: 'BUILDING', percent: this.#percent }),
      },
      { unpacks: true },
    );
  }
}
