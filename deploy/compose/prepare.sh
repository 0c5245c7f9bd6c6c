#!/bin/sh
# One-shot of the compose set-up: a certificate for the emulator, and secrets that nobody has to invent. Safe to repeat.
set -eu
umask 022

AUTHORITY=${AUTHORITY:-/authority}     # ca.pem, for everyone who speaks to the emulator
CERTIFICATE=${CERTIFICATE:-/certificate} # certificate and key, for the emulator alone
SECRETS=${SECRETS:-/secrets}           # token of the dashboard, password of PostgreSQL
LOGS=${LOGS:-/logs}                    # log files of the practice applications
GROUP=65532                            # of CALI's image

# Kept for two years; made anew when less than a month is left.
if openssl x509 -noout -checkend 2592000 -in "$CERTIFICATE/server.crt" >/dev/null 2>&1 \
  && openssl verify -CAfile "$AUTHORITY/ca.pem" "$CERTIFICATE/server.crt" >/dev/null 2>&1; then
  echo "certificate: kept"
else
  work=$(mktemp -d)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 730 -sha256 \
    -subj '/CN=CALI practice authority' -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -subj "/CN=$EMULATOR" \
    -keyout "$work/server.key" -out "$work/server.csr" 2>/dev/null
  printf '%s\n' "subjectAltName=DNS:$EMULATOR,DNS:localhost,IP:127.0.0.1" 'basicConstraints=critical,CA:FALSE' \
    'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' >"$work/server.ext"
  openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 730 -sha256 \
    -extfile "$work/server.ext" -out "$work/server.crt" 2>/dev/null
  # Readable for whatever user the emulator runs as: no other service has this volume.
  cp "$work/server.crt" "$work/server.key" "$CERTIFICATE/"
  cat "$work/server.key" "$work/server.crt" >"$CERTIFICATE/server.pem"
  chmod 644 "$CERTIFICATE/server.crt" "$CERTIFICATE/server.key" "$CERTIFICATE/server.pem"
  cp "$work/ca.pem" "$AUTHORITY/ca.pem"
  # The authority's key goes: it has signed the one certificate that it was made for.
  rm -rf "$work"
  echo "certificate: made for $EMULATOR"
fi

# For root and CALI's group. Only root may give a file to a group.
keep() {
  (umask 027 && printf '%s' "$2" >"$SECRETS/$1")
  if [ "$(id -u)" = 0 ]; then chgrp "$GROUP" "$SECRETS/$1"; fi
  chmod 640 "$SECRETS/$1"
}
if [ -n "${CALI_SERVER_TOKEN:-}" ]; then
  keep server-token "$CALI_SERVER_TOKEN"
elif [ ! -s "$SECRETS/server-token" ]; then
  keep server-token "$(openssl rand -hex 16)"
fi
if [ ! -s "$SECRETS/postgres-password" ]; then
  password=$(openssl rand -hex 16)
  keep postgres-url "postgres://cali:$password@postgres:5432/cali"
  keep postgres-password "$password"
fi

if [ "$(id -u)" = 0 ]; then chgrp "$GROUP" "$LOGS" && chmod 2775 "$LOGS"; fi
echo "dashboard: http://127.0.0.1:$CALI_PORT/?token=$(cat "$SECRETS/server-token")"
