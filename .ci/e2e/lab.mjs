// Opens a notebook in JupyterLab as a learner would, runs all of its cells, and fails unless every cell ran without an
// error and a figure is on the page. Leaves screenshots of the whole notebook, on light and dark.
//
// usage: node lab.mjs --log FILE --notebook PATH --out FOLDER [--timeout SECONDS]
//   --log       what `tunebook lab` printed, which holds the address with its token
//   --notebook  the notebook, relative to the work folder
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { addressIn, launch, sleep, waiter } from './page.mjs'

const { values: options } = parseArgs({
  options: {
    log: { type: 'string' }, notebook: { type: 'string' }, out: { type: 'string' }, timeout: { type: 'string', default: '240' },
  },
})
const until = waiter(Number(options.timeout), 500)
const name = basename(options.notebook, '.ipynb')

const address = new URL(await until('the address in the log', () => addressIn(options.log)))
const token = address.searchParams.get('token')
const api = async (path, init = {}) => {
  const response = await fetch(new URL(path, address), { ...init, headers: { Authorization: `token ${token}`, ...init.headers } })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}
const contents = () => api(`/api/contents/${options.notebook}?content=1`).then(reply => reply.content.cells)
// An exercise that is still to be solved fails its check, and says that it will.
const unwanted = (cell, output) => output.output_type === 'error' && !cell.metadata.tags?.includes('raises-exception')
const code = cells => cells.filter(cell => cell.cell_type === 'code' && [cell.source].flat().join('').trim() !== '')

const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
const faults = []
page.on('pageerror', error => faults.push(String(error)))

// shoot takes the whole notebook: the window grows until the last cell's end is inside it, since cells are drawn as they
// come into view. JupyterLab lets one scroll past the end, so the height of what scrolls says nothing.
async function shoot(file) {
  let height = 1000
  for (let round = 0; round < 12; round++) {
    await page.setViewportSize({ width: 1400, height })
    await page.evaluate(() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0))
    await sleep(700)
    const end = await page.evaluate(() => Math.max(...[...document.querySelectorAll('.jp-Notebook .jp-Cell')]
      .map(cell => cell.getBoundingClientRect().bottom)))
    const wanted = Math.min(Math.ceil(end) + 60, 16000)
    if (Math.abs(wanted - height) < 4) break
    height = Math.max(wanted, 1000)
  }
  await page.screenshot({ path: join(options.out, file) })
  await page.setViewportSize({ width: 1400, height: 1000 })
}

async function open() {
  await page.goto(new URL(`/lab/tree/${options.notebook}?token=${token}`, address).href)
  await page.locator('.jp-Notebook').first().waitFor({ timeout: 60_000 })
  const idle = page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first()
  await until('an idle kernel', async () => {
    const dialog = page.locator('.jp-Dialog')
    if (await dialog.count()) { // JupyterLab may ask which kernel to start: ours is the default
      console.log(`   a dialog: ${(await dialog.innerText()).replace(/\s+/g, ' ')}`)
      await dialog.locator('button.jp-mod-accept').click()
    }
    return await idle.count()
  })
}

try {
  const started = Date.now()
  await open()
  console.log(`   kernel idle after ${((Date.now() - started) / 1000).toFixed(1)} s`)

  // The lesson comes with outputs; they go first, so that what is checked was made here.
  // Only what the file no longer holds can have been made by this run. JupyterLab drops commands while a notebook is still
  // being set up, so the click is repeated until it has worked.
  await page.locator('.jp-Notebook .jp-Cell').first().click()
  await until('the outputs to be gone from the file', async () => {
    await page.getByRole('menuitem', { name: 'Edit', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Clear Outputs of All Cells' }).click()
    await page.keyboard.press('Control+s')
    await sleep(1000)
    return code(await contents()).every(cell => cell.execution_count === null && cell.outputs.length === 0)
  }, 1000)
  const ran = Date.now()
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click()
  const cells = await until('all cells to have run', async () => {
    await page.keyboard.press('Control+s')
    await sleep(1000)
    const [session] = await api('/api/sessions')
    const now = code(await contents())
    const failed = now.some(cell => cell.outputs.some(output => unwanted(cell, output)))
    const done = now.length > 0 && now.every(cell => cell.execution_count !== null)
    return session.kernel.execution_state === 'idle' && (done || failed) && now
  }, 1000)
  const seconds = ((Date.now() - ran) / 1000).toFixed(1)

  let figures = 0
  cells.forEach((cell, index) => {
    for (const output of cell.outputs) {
      if (unwanted(cell, output)) {
        throw new Error(`code cell ${index + 1}: ${output.ename}: ${output.evalue}`)
      }
      if (output.data?.['image/svg+xml'] || output.data?.['image/png']) figures++
    }
    if (cell.execution_count === null) throw new Error(`code cell ${index + 1} was not run`)
  })
  if (figures === 0) throw new Error('no figure is among the outputs')
  await shoot(`lab-${name}.png`)
  const first = page.locator('.jp-OutputArea-output img').first()
  await until('a figure on the page', async () => {
    await first.scrollIntoViewIfNeeded({ timeout: 2000 })
    return await first.evaluate(image => image.complete && image.naturalWidth > 0)
  })
  await page.screenshot({ path: join(options.out, `lab-${name}-figure.png`) })

  await api('/lab/api/settings/@jupyterlab/apputils-extension:themes', {
    method: 'PUT', body: JSON.stringify({ raw: '{"theme": "JupyterLab Dark"}' }),
  }).catch(() => {}) // answers without a body
  await open()
  await shoot(`lab-${name}-dark.png`)
  if (faults.length) console.log(`   the page reported: ${faults.join('; ')}`)
  console.log(`   ${cells.length} code cells run in ${seconds} s, ${figures} figures, no error`)
} catch (error) {
  await page.screenshot({ path: join(options.out, `lab-${name}-failed.png`) }).catch(() => {})
  console.error(`lab.mjs: ${error.message}`)
  process.exitCode = 1
} finally {
  await browser.close()
}
