// The panel of a new home, found before Plasma's own because this folder comes first in XDG_DATA_DIRS: the same parts, without the
// pager of a single desktop, and a task bar that starts with programs that are installed.
const panel = new Panel();
panel.location = "bottom";
panel.height = 2 * Math.ceil((gridUnit * 2.5) / 2);

const menu = panel.addWidget("org.kde.plasma.kickoff");
menu.currentConfigGroup = ["Shortcuts"];
menu.writeConfig("global", "Alt+F1");

const tasks = panel.addWidget("org.kde.plasma.icontasks");
tasks.currentConfigGroup = ["General"];
tasks.writeConfig("launchers", [
  "preferred://filemanager",
  "applications:org.kde.konsole.desktop",
  "preferred://browser",
  "applications:systemsettings.desktop",
]);

for (const widget of ["marginsseparator", "systemtray", "digitalclock", "showdesktop"]) {
  panel.addWidget(`org.kde.plasma.${widget}`);
}
