import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { unpacked } from "../../backends/wgsl/unpack.ts";

export { carriesChromium } from "../../backends/wgsl/unpack.ts";

/** WebGPU by SwiftShader, whatever the machine has. */
const softwareWebGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];

/** A headless Chromium of npm's `@sparticuz/chromium`, with its own libraries and font: nothing of it needs to be installed on the machine. */
export async function launchChromium(): Promise<Browser> {
  const folder = await unpacked("browser", ["chromium", "swiftshader.tar", "al2023.tar", "fonts.tar"]);
  const fonts = join(folder, "fonts.conf");
  writeFileSync(fonts, `<fontconfig><dir>${join(folder, "fonts")}</dir><cachedir>${join(folder, "fonts-cache")}</cachedir></fontconfig>`);
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: ["--headless=new", "--no-sandbox", "--disable-background-networking", ...softwareWebGpu],
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_FILE: fonts },
  });
}
