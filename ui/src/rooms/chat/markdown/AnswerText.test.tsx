import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { TooltipProvider } from "@/kit/Tooltip";
import { AnswerText } from "./AnswerText";

const html = (text: string, markers: number[] = [1, 2, 3], streaming = false) =>
  renderToStaticMarkup(
    <TooltipProvider>
      <AnswerText text={text} markers={markers} streaming={streaming} />
    </TooltipProvider>,
  );
/** Without a citation in scope a chip is a plain numbered span. */
const chips = (markup: string) =>
  [...markup.matchAll(/tabular-nums[^>]*>(\d+)<\/span>/g)].map((one) => one[1]);

describe("citation markers", () => {
  it("become chips in text, bold, lists and tables", () => {
    const text = "One [1]. **Two [2]**\n\n- three [3]\n\n| a |\n| - |\n| [1] |";
    expect(chips(html(text))).toEqual(["1", "2", "3", "1"]);
  });

  it("stay text in code and in links, and when no source has their number", () => {
    expect(chips(html("`[1]`\n\n```\nx[1]\n```\n\n[see [1]](https://example.com) and [7]"))).toEqual([]);
    expect(html("see [7]")).toContain("[7]");
  });

  it("may stand several in one bracket, or side by side", () => {
    expect(chips(html("both [1, 2] and [3][1]"))).toEqual(["1", "2", "3", "1"]);
  });

  it("are not taken over by reference definitions in the answer", () => {
    const markup = html("It is so [1].\n\n[1]: https://evil.example/ 'x'");
    expect(chips(markup)).toEqual(["1"]);
    expect(markup).not.toContain("evil.example");
  });

  it("show while the answer is written, before the sources are known", () => {
    expect(chips(html("It is so [1] and", [], true))).toEqual(["1"]);
  });
});

describe("sanitising", () => {
  it("runs no script and keeps no HTML", () => {
    const markup = html(
      '<script>alert(1)</script> <img src=x onerror=alert(1)> <b onclick="x()">b</b> [a](javascript:alert(1)) [d](data:text/html,x)',
    );
    expect(markup).not.toMatch(/<script|<img|onerror|onclick|javascript:|href="data:/);
  });

  it("does not load images", () => {
    const markup = html("![chart](https://evil.example/pixel.png?who=me)");
    expect(markup).not.toContain("<img");
    expect(markup).toContain("Image not loaded");
  });

  it("shows where a link goes and gives the target no handle on this page", () => {
    const markup = html("[the tool](https://intra.example/leave)");
    expect(markup).toContain("(intra.example)");
    expect(markup).toContain('rel="noopener noreferrer nofollow"');
  });

  it("does not link into this site", () => {
    expect(html("[sign out](/api/v1/iam/sign-out)")).not.toContain("href");
  });
});
