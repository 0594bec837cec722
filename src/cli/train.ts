/** `battuta train`: the models of a config, with progress in lines. */
import { resolve } from 'node:path'
import { BattutaError } from '../base/index.ts'
import { runTrain } from '../models/index.ts'
import type { CommandLine } from './commands.ts'

export async function train({ argument, flags }: CommandLine, out: (line: string) => void): Promise<number> {
  const { data, only } = flags
  if (argument === undefined || data === undefined)
    throw new BattutaError('CONFIG_INVALID', 'battuta train needs the folder of the labelled texts: --data FOLDER')
  await runTrain({ config: resolve(argument), data: resolve(data), ...(only === undefined ? {} : { only }) }, out)
  return 0
}
