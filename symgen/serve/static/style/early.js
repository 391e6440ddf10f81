// Light or dark as chosen, before the first picture; everything else can wait.
try {
  const scheme = localStorage.getItem("symgen.scheme");
  if (scheme) document.documentElement.dataset.scheme = scheme;
} catch {
  // storage is not allowed: the system's own choice holds
}
