// What the tests in a browser share: waiting, the address of JupyterLab, and Chromium.
import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

// waiter makes until, which polls check until it gives something true, and says what was waited for when the time, in seconds, is over.
export function waiter(seconds, every) {
  const deadline = Date.now() + 1000 * seconds
  return async function until(what, check, pause = every) {
    let last
    while (Date.now() < deadline) {
      try {
        const found = await check()
        if (found) return found
      } catch (error) {
        last = error
      }
      await sleep(pause)
    }
    throw new Error(`waited in vain for ${what}${last ? `: ${last.message}` : ''}`)
  }
}

// addressIn is where `tunebook lab` says that it listens, with the token; undefined until it does.
export const addressIn = async log => (await readFile(log, 'utf8')).match(/http:\/\/127\.0\.0\.1:\d+\/lab\S*token=\w+/)?.[0]

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
