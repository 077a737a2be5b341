"""In which time zones does a country, or a state of a country with several, lie?

Main (most populous) zone first. Countries: tzdata 2026f zone.tab, less zones that kept the same time since 2017.
States: where a state lies in two zones, both; a name without a slash stands for America/name.
"""

#: "CC zone zone ...; ..." by ISO 3166-1 alpha-2.
COUNTRIES = """
AD Europe/Andorra; AE Asia/Dubai; AF Asia/Kabul; AG America/Antigua; AI America/Anguilla; AL Europe/Tirane; AM
Asia/Yerevan; AO Africa/Luanda; AQ Antarctica/McMurdo Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville
Antarctica/Mawson Antarctica/Palmer Antarctica/Syowa Antarctica/Troll Antarctica/Vostok; AR
America/Argentina/Buenos_Aires; AS Pacific/Pago_Pago; AT Europe/Vienna; AU Australia/Sydney Australia/Lord_Howe
Australia/Broken_Hill Australia/Brisbane Australia/Darwin Australia/Perth Australia/Eucla; AW America/Aruba; AX
Europe/Mariehamn; AZ Asia/Baku; BA Europe/Sarajevo; BB America/Barbados; BD Asia/Dhaka; BE Europe/Brussels; BF
Africa/Ouagadougou; BG Europe/Sofia; BH Asia/Bahrain; BI Africa/Bujumbura; BJ Africa/Porto-Novo; BL
America/St_Barthelemy; BM Atlantic/Bermuda; BN Asia/Brunei; BO America/La_Paz; BQ America/Kralendijk; BR
America/Sao_Paulo America/Noronha America/Belem America/Campo_Grande America/Porto_Velho America/Eirunepe; BS
America/Nassau; BT Asia/Thimphu; BV Europe/Oslo; BW Africa/Gaborone; BY Europe/Minsk; BZ America/Belize; CA
America/Toronto America/St_Johns America/Halifax America/Blanc-Sablon America/Atikokan America/Winnipeg America/Regina
America/Edmonton America/Vancouver America/Creston America/Whitehorse; CC Indian/Cocos; CD Africa/Kinshasa
Africa/Lubumbashi; CF Africa/Bangui; CG Africa/Brazzaville; CH Europe/Zurich; CI Africa/Abidjan; CK Pacific/Rarotonga;
CL America/Santiago America/Coyhaique America/Punta_Arenas Pacific/Easter; CM Africa/Douala; CN Asia/Shanghai
Asia/Urumqi; CO America/Bogota; CR America/Costa_Rica; CU America/Havana; CV Atlantic/Cape_Verde; CW America/Curacao;
CX Indian/Christmas; CY Asia/Nicosia; CZ Europe/Prague; DE Europe/Berlin; DJ Africa/Djibouti; DK Europe/Copenhagen; DM
America/Dominica; DO America/Santo_Domingo; DZ Africa/Algiers; EC America/Guayaquil Pacific/Galapagos; EE
Europe/Tallinn; EG Africa/Cairo; EH Africa/El_Aaiun; ER Africa/Asmara; ES Europe/Madrid Atlantic/Canary; ET
Africa/Addis_Ababa; FI Europe/Helsinki; FJ Pacific/Fiji; FK Atlantic/Stanley; FM Pacific/Chuuk Pacific/Pohnpei; FO
Atlantic/Faroe; FR Europe/Paris; GA Africa/Libreville; GB Europe/London; GD America/Grenada; GE Asia/Tbilisi; GF
America/Cayenne; GG Europe/Guernsey; GH Africa/Accra; GI Europe/Gibraltar; GL America/Nuuk America/Danmarkshavn
America/Scoresbysund America/Thule; GM Africa/Banjul; GN Africa/Conakry; GP America/Guadeloupe; GQ Africa/Malabo; GR
Europe/Athens; GS Atlantic/South_Georgia; GT America/Guatemala; GU Pacific/Guam; GW Africa/Bissau; GY America/Guyana;
HK Asia/Hong_Kong; HM Indian/Kerguelen; HN America/Tegucigalpa; HR Europe/Zagreb; HT America/Port-au-Prince; HU
Europe/Budapest; ID Asia/Jakarta Asia/Makassar Asia/Jayapura; IE Europe/Dublin; IL Asia/Jerusalem; IM
Europe/Isle_of_Man; IN Asia/Kolkata; IO Indian/Chagos; IQ Asia/Baghdad; IR Asia/Tehran; IS Atlantic/Reykjavik; IT
Europe/Rome; JE Europe/Jersey; JM America/Jamaica; JO Asia/Amman; JP Asia/Tokyo; KE Africa/Nairobi; KG Asia/Bishkek;
KH Asia/Phnom_Penh; KI Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati; KM Indian/Comoro; KN America/St_Kitts; KP
Asia/Pyongyang; KR Asia/Seoul; KW Asia/Kuwait; KY America/Cayman; KZ Asia/Almaty Asia/Qyzylorda Asia/Aqtobe; LA
Asia/Vientiane; LB Asia/Beirut; LC America/St_Lucia; LI Europe/Vaduz; LK Asia/Colombo; LR Africa/Monrovia; LS
Africa/Maseru; LT Europe/Vilnius; LU Europe/Luxembourg; LV Europe/Riga; LY Africa/Tripoli; MA Africa/Casablanca; MC
Europe/Monaco; MD Europe/Chisinau; ME Europe/Podgorica; MF America/Marigot; MG Indian/Antananarivo; MH Pacific/Majuro;
MK Europe/Skopje; ML Africa/Bamako; MM Asia/Yangon; MN Asia/Ulaanbaatar Asia/Hovd; MO Asia/Macau; MP Pacific/Saipan;
MQ America/Martinique; MR Africa/Nouakchott; MS America/Montserrat; MT Europe/Malta; MU Indian/Mauritius; MV
Indian/Maldives; MW Africa/Blantyre; MX America/Mexico_City America/Cancun America/Matamoros America/Chihuahua
America/Ciudad_Juarez America/Ojinaga America/Mazatlan America/Hermosillo America/Tijuana; MY Asia/Kuala_Lumpur; MZ
Africa/Maputo; NA Africa/Windhoek; NC Pacific/Noumea; NE Africa/Niamey; NF Pacific/Norfolk; NG Africa/Lagos; NI
America/Managua; NL Europe/Amsterdam; NO Europe/Oslo; NP Asia/Kathmandu; NR Pacific/Nauru; NU Pacific/Niue; NZ
Pacific/Auckland Pacific/Chatham; OM Asia/Muscat; PA America/Panama; PE America/Lima; PF Pacific/Tahiti
Pacific/Marquesas Pacific/Gambier; PG Pacific/Port_Moresby Pacific/Bougainville; PH Asia/Manila; PK Asia/Karachi; PL
Europe/Warsaw; PM America/Miquelon; PN Pacific/Pitcairn; PR America/Puerto_Rico; PS Asia/Gaza; PT Europe/Lisbon
Atlantic/Azores; PW Pacific/Palau; PY America/Asuncion; QA Asia/Qatar; RE Indian/Reunion; RO Europe/Bucharest; RS
Europe/Belgrade; RU Europe/Moscow Europe/Kaliningrad Europe/Volgograd Europe/Astrakhan Asia/Yekaterinburg Asia/Omsk
Asia/Novosibirsk Asia/Irkutsk Asia/Chita Asia/Vladivostok Asia/Magadan Asia/Kamchatka; RW Africa/Kigali; SA
Asia/Riyadh; SB Pacific/Guadalcanal; SC Indian/Mahe; SD Africa/Khartoum; SE Europe/Stockholm; SG Asia/Singapore; SH
Atlantic/St_Helena; SI Europe/Ljubljana; SJ Arctic/Longyearbyen; SK Europe/Bratislava; SL Africa/Freetown; SM
Europe/San_Marino; SN Africa/Dakar; SO Africa/Mogadishu; SR America/Paramaribo; SS Africa/Juba; ST Africa/Sao_Tome; SV
America/El_Salvador; SX America/Lower_Princes; SY Asia/Damascus; SZ Africa/Mbabane; TC America/Grand_Turk; TD
Africa/Ndjamena; TF Indian/Kerguelen; TG Africa/Lome; TH Asia/Bangkok; TJ Asia/Dushanbe; TK Pacific/Fakaofo; TL
Asia/Dili; TM Asia/Ashgabat; TN Africa/Tunis; TO Pacific/Tongatapu; TR Europe/Istanbul; TT America/Port_of_Spain; TV
Pacific/Funafuti; TW Asia/Taipei; TZ Africa/Dar_es_Salaam; UA Europe/Kyiv Europe/Simferopol; UG Africa/Kampala; UM
Pacific/Midway Pacific/Wake; US America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles
America/Anchorage America/Metlakatla America/Adak Pacific/Honolulu; UY America/Montevideo; UZ Asia/Tashkent; VA
Europe/Vatican; VC America/St_Vincent; VE America/Caracas; VG America/Tortola; VI America/St_Thomas; VN
Asia/Ho_Chi_Minh; VU Pacific/Efate; WF Pacific/Wallis; WS Pacific/Apia; XK Europe/Belgrade; YE Asia/Aden; YT
Indian/Mayotte; ZA Africa/Johannesburg; ZM Africa/Lusaka; ZW Africa/Harare
"""

#: "CC-STATE zone zone ...; ..." by ISO 3166-2.
STATES = """
US-AL Chicago; US-AK Anchorage Adak; US-AZ Phoenix Denver; US-AR Chicago; US-CA Los_Angeles; US-CO Denver;
US-CT New_York; US-DE New_York; US-DC New_York; US-FL New_York Chicago; US-GA New_York; US-HI Pacific/Honolulu;
US-ID Boise Los_Angeles; US-IL Chicago; US-IN America/Indiana/Indianapolis Chicago; US-IA Chicago;
US-KS Chicago Denver; US-KY New_York Chicago; US-LA Chicago; US-ME New_York; US-MD New_York; US-MA New_York;
US-MI Detroit Menominee; US-MN Chicago; US-MS Chicago; US-MO Chicago; US-MT Denver; US-NE Chicago Denver;
US-NV Los_Angeles; US-NH New_York; US-NJ New_York; US-NM Denver; US-NY New_York; US-NC New_York; US-ND Chicago Denver;
US-OH New_York; US-OK Chicago; US-OR Los_Angeles Boise; US-PA New_York; US-RI New_York; US-SC New_York;
US-SD Chicago Denver; US-TN Chicago New_York; US-TX Chicago Denver; US-UT Denver; US-VT New_York; US-VA New_York;
US-WA Los_Angeles; US-WV New_York; US-WI Chicago; US-WY Denver; US-PR Puerto_Rico; US-VI Puerto_Rico;
US-GU Pacific/Guam; US-MP Pacific/Guam; US-AS Pacific/Pago_Pago; CA-AB Edmonton; CA-BC Vancouver Edmonton Creston;
CA-MB Winnipeg; CA-NB Moncton; CA-NL St_Johns Goose_Bay; CA-NS Halifax; CA-NT Edmonton;
CA-NU Iqaluit Rankin_Inlet Cambridge_Bay Atikokan; CA-ON Toronto Winnipeg Atikokan; CA-PE Halifax;
CA-QC Toronto Halifax Blanc-Sablon; CA-SK Regina Edmonton; CA-YT Whitehorse; BR-AC Rio_Branco; BR-AL Maceio;
BR-AM Manaus Eirunepe; BR-AP Belem; BR-BA Bahia; BR-CE Fortaleza; BR-DF Sao_Paulo; BR-ES Sao_Paulo; BR-GO Sao_Paulo;
BR-MA Fortaleza; BR-MG Sao_Paulo; BR-MS Campo_Grande; BR-MT Cuiaba; BR-PA Belem; BR-PB Fortaleza;
BR-PE Recife Noronha; BR-PI Fortaleza; BR-PR Sao_Paulo; BR-RJ Sao_Paulo; BR-RN Fortaleza; BR-RO Porto_Velho;
BR-RR Boa_Vista; BR-RS Sao_Paulo; BR-SC Sao_Paulo; BR-SE Maceio; BR-SP Sao_Paulo; BR-TO Araguaina;
AU-ACT Australia/Sydney; AU-NSW Australia/Sydney Australia/Broken_Hill Australia/Lord_Howe; AU-NT Australia/Darwin;
AU-QLD Australia/Brisbane; AU-SA Australia/Adelaide; AU-TAS Australia/Hobart; AU-VIC Australia/Melbourne;
AU-WA Australia/Perth Australia/Eucla; MX-AGU Mexico_City; MX-BCN Tijuana; MX-BCS Mazatlan; MX-CAM Merida;
MX-CHH Chihuahua Ciudad_Juarez Ojinaga; MX-CHP Mexico_City; MX-CMX Mexico_City; MX-COA Monterrey Matamoros;
MX-COL Mexico_City; MX-DIF Mexico_City; MX-DUR Monterrey; MX-GRO Mexico_City; MX-GUA Mexico_City; MX-HID Mexico_City;
MX-JAL Mexico_City; MX-MEX Mexico_City; MX-MIC Mexico_City; MX-MOR Mexico_City; MX-NAY Mazatlan Bahia_Banderas;
MX-NLE Monterrey Matamoros; MX-OAX Mexico_City; MX-PUE Mexico_City; MX-QUE Mexico_City; MX-ROO Cancun;
MX-SIN Mazatlan; MX-SLP Mexico_City; MX-SON Hermosillo; MX-TAB Mexico_City; MX-TAM Matamoros Monterrey;
MX-TLA Mexico_City; MX-VER Mexico_City; MX-YUC Merida; MX-ZAC Mexico_City
"""
