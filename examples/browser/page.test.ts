import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build } from "../../cli/build.ts";
import { readDigits } from "../mnist/data.ts";
import type load from "../mnist/mlp.wasm.ts";
import { buildPage, bundleInto } from "./build.ts";
import { carriesChromium, launchChromium } from "./chromium.test-source.ts";
import { train } from "./page/training.ts";
import { policy, serve } from "./server.ts";

type LoadOptions = NonNullable<Parameters<typeof load>[0]>;

const STEPS = 100;
const SEED = 1;
const out = join(import.meta.dirname, "out");

describe.skipIf(!carriesChromium)("in headless Chromium, which npm carries for Linux on x64 only", () => {
  let folder: string;
  let browser: Browser;
  const sites: Record<string, { readonly url: string; readonly server: Server }> = {};

  /** The model built anew, so that no stale file is tested, and a page with it on a port of its own. */
  async function open(name: string, inline: boolean): Promise<void> {
    const model = join(folder, name, "mlp.ts");
    mkdirSync(join(folder, name));
    copyFileSync(join(import.meta.dirname, "../mnist/mlp.ts"), model);
    await build(model, { target: "wasm", inline });
    await build(model, { target: "wgsl" });
    await buildPage(join(folder, name, "page"), model);
    await bundleInto(join(folder, name, "page"), model.replace(/ts$/, "wasm.ts"));
    sites[name] = await serve(join(folder, name, "page"), 0);
  }

  beforeAll(async () => {
    mkdirSync(out, { recursive: true });
    folder = mkdtempSync(join(out, "test-"));
    browser = await launchChromium();
    await open("beside", false);
    await open("inline", true);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    for (const { server } of Object.values(sites)) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page, and whatever goes wrong on it: errors, warnings, violations of its policy, files that are not there. */
  async function visit(): Promise<{ page: Page; wrong: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1100, height: 860 } });
    const wrong: string[] = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("requestfailed", (request) => wrong.push(`${request.url()}: ${request.failure()?.errorText}`));
    return { page, wrong };
  }

  const settled = (page: Page) => page.waitForSelector("body:is([data-state=trained], [data-state=failed])", { timeout: 60_000 });
  const lossesOf = (page: Page) => page.evaluate(() => (globalThis as unknown as { losses: number[] }).losses);

  /** The same steps in this process, with the same files. */
  async function lossesHere(site: string, options: LoadOptions): Promise<readonly number[]> {
    const files = join(folder, site, "page");
    const model = (await import(join(files, "mlp.wasm.js"))) as { default: typeof load };
    const digits = readDigits(join(files, "train-images-idx3-ubyte"), join(files, "train-labels-idx1-ubyte"));
    let losses: readonly number[] = [];
    for await (const progress of train(await model.default(options), digits, { steps: STEPS, seed: SEED })) losses = progress.losses;
    return losses;
  }
  const moduleHere = (name: string): LoadOptions => ({ module: pathToFileURL(join(folder, "beside/page", name)) });

  test.each<[string, site: string, query: string, here: () => LoadOptions]>([
    ["the module that the browser takes", "beside", "", () => ({})],
    ["the module with multiply-add, by its URL", "beside", "&module=mlp.fma.wasm", () => moduleHere("mlp.fma.wasm")],
    ["the plain module, by its URL", "beside", "&module=mlp.simd.wasm", () => moduleHere("mlp.simd.wasm")],
    ["the modules inlined in the script", "inline", "", () => ({})],
    ["two threads", "beside", "&threads=2", () => ({ threads: 2 })],
  ])("%s: the losses of Node, exactly, and nothing goes wrong", { timeout: 90_000 }, async (_, site, query, here) => {
    const { page, wrong } = await visit();
    const response = await page.goto(`${sites[site]?.url}?steps=${STEPS}&seed=${SEED}${query}`);
    await settled(page);
    const losses = await lossesOf(page);
    expect(wrong).toEqual([]);
    expect(losses).toHaveLength(STEPS);
    expect(losses).toEqual(await lossesHere(site, here()));
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(response?.headers()["content-security-policy"]).toBe(policy);
    await page.close();
  });

  test("on the GPU, by its shaders: the losses of WebAssembly, nearly", { timeout: 90_000 }, async () => {
    const { page, wrong } = await visit();
    await page.goto(`${sites.beside?.url}?steps=${STEPS}&seed=${SEED}&target=wgsl`);
    await settled(page);
    expect(wrong).toEqual([]);
    const losses = await lossesOf(page);
    const expected = await lossesHere("beside", {});
    expect(losses).toHaveLength(STEPS);
    for (const [step, loss] of losses.entries()) expect(Math.abs(loss - expected[step]!), `step ${step + 1}`).toBeLessThan(1e-3);
    await page.close();
  });

  test("the module with multiply-add is the one that a browser with relaxed SIMD takes", async () => {
    const { page } = await visit();
    const modules: string[] = [];
    page.on("request", (request) => request.url().endsWith(".wasm") && modules.push(new URL(request.url()).pathname));
    await page.goto(`${sites.beside?.url}?steps=1`);
    await settled(page);
    expect(modules).toEqual(["/mlp.fma.wasm"]);
    await page.close();
  });

  test("it learns, and reads what is drawn", { timeout: 90_000 }, async () => {
    const { page, wrong } = await visit();
    await page.goto(`${sites.beside?.url}?steps=600`);
    await settled(page);
    expect(Number.parseFloat((await page.locator("#accuracy").textContent()) ?? "")).toBeGreaterThan(88);
    const pad = await page.locator("#pad").boundingBox();
    const at = (x: number, y: number) => [pad!.x + x * pad!.width, pad!.y + y * pad!.height] as const;
    await page.mouse.move(...at(0.25, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.75, 0.2), { steps: 8 });
    await page.mouse.move(...at(0.45, 0.85), { steps: 8 });
    await page.mouse.up();
    await page.getByText("It reads a 7.").waitFor();
    await page.screenshot({ path: join(out, "page.png"), fullPage: true });
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("Draw one").waitFor();
    expect(wrong).toEqual([]);
    await page.close();
  });

  test("its policy has no word to spare: without `wasm-unsafe-eval` it says that it cannot", async () => {
    expect(policy).not.toContain("'unsafe-");
    const { page, wrong } = await visit();
    await page.route(sites.beside!.url, async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "content-security-policy": policy.replace(" 'wasm-unsafe-eval'", "") };
      await route.fulfill({ response, headers });
    });
    await page.goto(sites.beside!.url);
    await settled(page);
    expect(await page.locator("#status").textContent()).toContain("Content Security Policy");
    expect(wrong.join("\n")).toContain("Content Security Policy");
    await page.close();
  });

  test.each([["?steps=0"], ["?threads=two"]])("%s is refused in words", async (query) => {
    const { page } = await visit();
    await page.goto(sites.beside!.url + query);
    await settled(page);
    expect(await page.locator("#status").textContent()).toContain("must be a positive integer");
    await page.close();
  });
});
