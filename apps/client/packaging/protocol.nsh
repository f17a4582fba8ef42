; eglantine:// opens the application. Included by electron-builder's installer and uninstaller (electron-builder.yml), which know the
; schemes of `protocols` on Linux and macOS alone. SHELL_CONTEXT is the user's own registry, as the installation is.

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\eglantine" "" "URL:Eglantine desktop"
  WriteRegStr SHELL_CONTEXT "Software\Classes\eglantine" "URL Protocol" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\eglantine\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\eglantine\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
!macroend

!macro customUnInstall
  ${ifNot} ${isUpdated}
    DeleteRegKey SHELL_CONTEXT "Software\Classes\eglantine"
  ${endIf}
!macroend
