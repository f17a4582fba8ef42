/*
 * Windows' joystick list, for Wine: each joystick, then for six seconds what the first one does. See README.md, "Verified".
 *
 * i686-w64-mingw32-gcc -O2 -o wine-pads.exe wine-pads.c -lwinmm
 */
#include <windows.h>
#include <mmsystem.h>
#include <stdio.h>

int main(void) {
  UINT seen = 0;
  /* Wine's own services find it some time after the first program has started. */
  for (int round = 0; round < 40 && seen == 0; round++) {
    for (UINT i = 0; i < joyGetNumDevs(); i++) {
      JOYCAPSA caps;
      JOYINFOEX info = {sizeof info, JOY_RETURNALL};
      if (joyGetDevCapsA(i, &caps, sizeof caps) != JOYERR_NOERROR || joyGetPosEx(i, &info) != JOYERR_NOERROR) continue;
      printf("joystick %u: %s %04x:%04x axes %u buttons %u\n", i, caps.szPname, caps.wMid, caps.wPid, caps.wNumAxes, caps.wNumButtons);
      seen++;
    }
    if (seen == 0) Sleep(250);
  }
  for (int i = 0; i < 60 && seen > 0; i++) {
    JOYINFOEX info = {sizeof info, JOY_RETURNALL};
    joyGetPosEx(0, &info);
    printf("x %lu y %lu buttons %lx pov %lu\n", info.dwXpos, info.dwYpos, info.dwButtons, info.dwPOV);
    fflush(stdout);
    Sleep(100);
  }
  return seen == 0;
}
