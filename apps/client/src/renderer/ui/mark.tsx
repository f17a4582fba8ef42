// The mark: a sweet briar's flower. Also public/mark.svg, the page's icon.

import styles from "./page.module.css";

const PETAL = "M16 15.2C11 11 9.6 6.4 12.2 3.6c1.5-1.6 3-1.1 3.8.5.8-1.6 2.3-2.1 3.8-.5C22.4 6.400 21 11 16 15.2z";

export function Mark() {
  return (
    <svg className={styles["mark"]} viewBox="0 0 32 32" aria-hidden="true">
      {[0, 72, 144, 216, 288].map((degrees) => (
        <path key={degrees} d={PETAL} transform={`rotate(${degrees} 16 16)`} />
      ))}
      <circle cx="16" cy="16" r="3.2" />
    </svg>
  );
}
