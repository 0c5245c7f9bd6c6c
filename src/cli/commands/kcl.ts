import type { Command } from 'commander'
import { checkJava } from '../../app/kcl-daemon.ts'
import { checkJars, installJars } from '../../app/kcl-jars.ts'
import { commandConfig } from '../command-config.ts'
import { dim, plain } from '../terminal.ts'

export function registerKcl(program: Command): void {
  const kcl = program
    .command('kcl')
    .description('The Kinesis Client Library, which lets any number of workers share a stream')
  const settings = () => {
    return commandConfig(program).kcl
  }

  kcl
    .command('install')
    .description('Fetch its jars with Maven into kcl.jars and hold them to their checksums; needs "mvn" once')
    .action(async () => {
      const { jars } = settings()
      const n = await installJars(jars, (line) => console.error(dim(plain(line))))
      console.log(`${n} jars in ${jars}, all checksums right`)
    })

  kcl
    .command('check')
    .description('Check Java and the jars; changes nothing; exit code 1 when something is wrong')
    .action(async () => {
      const { jars, java } = settings()
      const version = await checkJava(java)
      checkJars(jars)
      console.log(`Java ${version}; jars in ${jars}, all checksums right`)
    })
}
