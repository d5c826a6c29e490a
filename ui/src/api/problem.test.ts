import { expect, it } from "vitest";
import { Problem, sentenceOf } from "./problem";

const answer = (status: number, body: string, headers: Record<string, string>) =>
  Problem.from(new Response(body, { status, headers }));

it("carries what the server said", async () => {
  const problem = await answer(
    429,
    JSON.stringify({ code: "too_many_attempts", detail: "Too many attempts.", hint: "Wait.", title: "No" }),
    { "content-type": "application/problem+json", "retry-after": "30" },
  );
  expect(problem).toMatchObject({ status: 429, code: "too_many_attempts", retryAfterSeconds: 30 });
  expect(sentenceOf(problem)).toBe("Too many attempts. Wait.");
});

it("has a sentence of its own for an answer that is not a problem document", async () => {
  const problem = await answer(502, "<html>bad gateway</html>", { "content-type": "text/html" });
  expect(problem.message).toMatch(/Try again/);
  expect(problem.isTransient).toBe(true);
});

it("does not show a person the text of a programming error", () => {
  expect(sentenceOf(new TypeError("x is undefined"))).not.toContain("undefined");
});
