// Sets the remembered theme before the first paint. Runs in the head on purpose; nothing else is done here.
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is closed: the system's own theme holds.
  }
})();
