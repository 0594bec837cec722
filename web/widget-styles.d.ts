/** The widget's style sheets as one text; put in when it is built (build.ts). */
declare const BATTUTA_STYLES: string
