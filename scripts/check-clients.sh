#!/usr/bin/env bash
# Clients of other languages, and the runtimes beside Node: whether what is made from the API's document compiles and runs.
# Needs python3 with venv, a JDK from 11 on with Maven, and the languages' package registries. Takes a few minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

OPENAPI_PYTHON_CLIENT=0.29.1
OPENAPI_GENERATOR=7.25.0
DENO=2.9.6
BUN=1.4.5

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
node --import tsx scripts/own-document-file.ts "$folder/openapi.json"

echo "== Python"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "openapi-python-client==$OPENAPI_PYTHON_CLIENT" ruff mypy
(
  PATH="$folder/venv/bin:$PATH"
  # What it cannot read it leaves out with a warning: here that is a failure.
  openapi-python-client generate --path "$folder/openapi.json" --output-path "$folder/python" --meta setup --fail-on-warning
  pip install --quiet "$folder/python"
  python -m compileall -q "$folder/python/pay_saga_client"
  (cd "$folder/python" && mypy pay_saga_client)
  python - <<'PYTHON'
from pay_saga_client import AuthenticatedClient
from pay_saga_client.api.orders import create_order
from pay_saga_client.models import CreateOrder, Order, OrderPaidEvent, Product

order = CreateOrder(order_no="A-1001", amount_fen=4550, description="Teapot", product=Product.NATIVE)
assert order.to_dict() == {"orderNo": "A-1001", "amountFen": 4550, "description": "Teapot", "product": "native"}
assert AuthenticatedClient(base_url="http://127.0.0.1:8080", token="key") and callable(create_order.sync)
print("Python: one order is", order.to_dict())
PYTHON
)

echo "== Java"
mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
  "-Dartifact=org.openapitools:openapi-generator-cli:$OPENAPI_GENERATOR" "-DoutputDirectory=$folder"
java -jar "$folder/openapi-generator-cli-$OPENAPI_GENERATOR.jar" generate --input-spec "$folder/openapi.json" \
  --generator-name java --library native --output "$folder/java" >"$folder/java.log" 2>&1 || { cat "$folder/java.log"; exit 1; }
mkdir -p "$folder/java/src/main/java/shop"
cat >"$folder/java/src/main/java/shop/Shop.java" <<'JAVA'
package shop;

import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.OrdersApi;
import org.openapitools.client.model.CreateOrder;
import org.openapitools.client.model.Order;
import org.openapitools.client.model.OrderState;
import org.openapitools.client.model.Product;

public class Shop {
  public static boolean isPaid(ApiClient client) throws ApiException {
    CreateOrder body = new CreateOrder().orderNo("A-1001").amountFen(4550).description("Teapot").product(Product.NATIVE);
    Order order = new OrdersApi(client).createOrder(body, null);
    return order.getState() == OrderState.PAID;
  }
}
JAVA
mvn --quiet --batch-mode --file "$folder/java/pom.xml" -DskipTests compile
echo "Java: compiled $(find "$folder/java/target/classes" -name '*.class' | wc -l) classes"

echo "== Deno and Bun"
npm run --silent build:client
npm install --prefix "$folder/runtimes" --no-save --no-audit --no-fund --silent "deno@$DENO" "bun@$BUN"
cp -R dist/client "$folder/runtimes/node_modules/paysaga"
echo '{ "type": "module" }' >"$folder/runtimes/package.json"
cat >"$folder/runtimes/shop.js" <<'JS'
import { PaySaga, NoAnswerError, verifyWebhook, WebhookError } from 'paysaga/client';

const away = new PaySaga({ baseUrl: 'http://127.0.0.1:1', apiKey: 'key', tries: 2 });
const silence = await away.getOrder({ orderNo: 'A-1001' }).catch((error) => error);
if (!(silence instanceof NoAnswerError)) throw silence;

// The published example of Standard Webhooks.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const headers = new Headers({
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
});
const now = () => 1614265330000;
const { id } = await verifyWebhook('{"test": 2432232314}', headers, secret, { now });
const forged = await verifyWebhook('{"test": 2432232315}', headers, secret, { now }).catch((error) => error);
if (!(forged instanceof WebhookError)) throw new Error('a forged webhook was taken');
console.log('verified', id);
JS
(
  cd "$folder/runtimes"
  echo "Deno: $(node_modules/.bin/deno run --allow-net --node-modules-dir=manual shop.js)"
  echo "Bun: $(node_modules/.bin/bun shop.js)"
)
