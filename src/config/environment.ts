import { homedir, userInfo } from 'node:os';

/** All that configuration takes from the process and the machine, so that tests can own it. */
export interface Environment {
  /** Environment variables. */
  variables: Readonly<Record<string, string | undefined>>;
  /** What `~` stands for. */
  homeDir: string;
  /** The user that this process runs as: ssh's default login name. */
  userName: string;
  /** What relative paths in flags and variables start from. */
  workingDir: string;
  /** Folder of OpenSSH's system-wide files. */
  systemSshDir: string;
}

/** The environment of this process. Nothing else in the project reads `process.env`. */
export function systemEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    variables: env,
    homeDir: env.HOME || homedir(),
    userName: currentUser(env),
    workingDir: process.cwd(),
    systemSshDir: '/etc/ssh',
  };
}

/** A variable's value; one that is set to nothing counts as not set, as docker has it. */
export function variable({ variables }: Environment, name: string): string | undefined {
  return variables[name] || undefined;
}

function currentUser(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // Containers often run as a number that has no entry in /etc/passwd.
    return env.USER || env.LOGNAME || 'root';
  }
}
