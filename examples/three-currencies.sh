#!/bin/sh
# Two users and three currencies: dollars with two decimals, yen with none, dinars with three. It needs curl and nothing else.
#
# Start Tollgate with rates of your own first:
#
#   echo '{"base":"USD","as_of":"'$(date -u +%FT%TZ)'","rates":{"JPY":"150.25","KWD":"0.307"}}' > rates.json
#   RATES_SOURCE=file RATES_FILE=$PWD/rates.json RATES_CALENDAR=every_day npm start
#
# and then, in another terminal:
#
#   sh examples/three-currencies.sh
#
# The balances in the comments are those with these rates, a fee of 2 % and a spread of 0.5 %. The script reads them at the end and fails
# if they differ.
set -eu

api="${TOLLGATE_URL:-http://localhost:8000}/api/v1"
# Each request that moves money has a key: if it has to be sent again, it is carried out once.
run="example-$(date +%s)-$$"

post() { # path, body, key
  curl --silent --show-error --fail-with-body -X POST "$api$1" \
    -H 'Content-Type: application/json' -H "Idempotency-Key: $run-$3" -d "$2"
}
get() {
  curl --silent --show-error --fail-with-body "$api$1"
}
# The value of a member of a JSON object that has no objects in it.
member() { # name
  sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}
# Asks once a second until an answer contains a text.
wait_for() { # text, path
  tries=0
  until get "$2" | grep -q "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 120 ]; then
      echo "there is no $1 at $2" >&2
      exit 1
    fi
    sleep 1
  done
}
# Converts by a quote: asks what it comes to, and takes the offer.
convert() { # user, from, to, amount, key
  quote=$(post /currency/convert/preview "{\"user_id\":$1,\"from\":\"$2\",\"to\":\"$3\",\"amount\":$4}" "$5-quote")
  echo "$4 $2 are $(echo "$quote" | member to_amount) $3, at $(echo "$quote" | member rate)"
  post /currency/convert/execute "{\"quote_id\":\"$(echo "$quote" | member quote_id)\"}" "$5" > /dev/null
}
failed=0
expect_balance() { # name, user, currency, balance
  balance=$(get "/users/$2/wallets/$3" | member balance)
  echo "$1 has $balance $3"
  if [ "$balance" != "$4" ]; then
    echo "  and was to have $4" >&2
    failed=1
  fi
}

# Ana and Ben begin with a wallet in dollars each; Ana opens one in yen and one in dinars.
ana=$(post /users '{}' ana | member id)
ben=$(post /users '{}' ben | member id)
post "/users/$ana/wallets" '{"currency":"JPY"}' yen > /dev/null
post "/users/$ana/wallets" '{"currency":"KWD"}' dinars > /dev/null
ana_dollars=$(get "/users/$ana/wallets/USD" | member id)
ben_dollars=$(get "/users/$ben/wallets/USD" | member id)

# Ana deposits 1,000 dollars. The gateway carries it out in its own time; 980 arrive, and 20 are the fee.
payment=$(post /payments/deposit "{\"user_id\":$ana,\"deposit\":1000}" deposit | member payment_id)
wait_for '"status":"success"' "/payments/$payment"

# 300 are held for an order. 120 of them go to Ben, and the other 180 go back to available: Ana has 860, Ben 120.
post "/accounts/$ana/hold" '{"order_id":"order-1","amount":300}' hold > /dev/null
post "/accounts/$ana/capture" "{\"order_id\":\"order-1\",\"amount\":120,\"to_user_id\":$ben}" capture > /dev/null

# Ana gives Ben 60 more: Ana has 800, Ben 180.
post "/wallets/$ana_dollars/transfer" "{\"to_wallet_id\":$ben_dollars,\"amount\":60}" transfer > /dev/null

# 200 dollars at 150.25 yen, less half a percent, are 29,899.75 yen; there is no part of a yen, so it is 29,899.
wait_for '"KWD"' /currency/rates
convert "$ana" USD JPY 200 to-yen

# 10,000 yen are 20.33044... dinars, of which 20.330 are paid out.
convert "$ana" JPY KWD 10000 to-dinars

expect_balance Ana "$ana" USD 600
expect_balance Ana "$ana" JPY 19899
expect_balance Ana "$ana" KWD 20.33
expect_balance Ben "$ben" USD 180
exit "$failed"
