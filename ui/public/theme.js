// Runs before the first paint. Keep in step with src/app/theme.ts.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("lyceum.theme") ?? "system";
  } catch {
    // Storage can be blocked; the system's choice is a good answer then.
  }
  const dark =
    choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
