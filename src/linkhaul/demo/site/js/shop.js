// Greets whoever opens the page after dark.
if (new Date().getHours() > 21) {
  document.title = "(moths at the window) " + document.title;
}
