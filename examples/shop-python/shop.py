"""A shop that takes WeChat Pay through PaySaga: order, checkout, webhook, refund, goods that are sold out."""

import json
import logging
import os
import threading
import time
import uuid

import httpx
from flask import Flask, jsonify, redirect, request
from standardwebhooks import Webhook, WebhookVerificationError

PAYSAGA = httpx.Client(
    base_url=os.environ.get("PAYSAGA_URL", "http://127.0.0.1:8080") + "/v1",
    headers={"authorization": f"Bearer {os.environ['PAYSAGA_KEY']}"},
    timeout=15,
)
WEBHOOK = Webhook(os.environ["PAYSAGA_WEBHOOK_SECRET"])

GOODS = {
    "teapot": {"price_fen": 4550, "in_stock": True},
    "moonstone": {"price_fen": 9900, "in_stock": False},
}

# A real shop keeps both in its database, and what it does about an event in one transaction with the event's id.
sales: dict[str, dict] = {}
heard: set[str] = set()
lock = threading.Lock()

app = Flask(__name__)
log = logging.getLogger("shop")


def call(method: str, path: str, body: dict) -> dict:
    """Every call may be repeated: numbers are the shop's own. Raises the code that PaySaga answers."""
    response = PAYSAGA.request(method, path, json=body)
    answer = response.json()
    if response.is_success:
        return answer
    raise RuntimeError(f"{method} {path}: {answer['code']}")


def shown(order: dict) -> dict:
    names = ("orderNo", "version", "state", "fulfilment", "amountFen", "refundedFen")
    return {name: order[name] for name in names}


@app.get("/")
def goods():
    return "".join(f'<form method="post" action="/buy/{item}"><button>Buy a {item}</button></form>' for item in GOODS)


@app.post("/buy/<item>")
def buy(item: str):
    """An order that waits for the goods: what cannot be sent is paid back."""
    if item not in GOODS:
        return "There is no such thing here.", 404
    order = call(
        "POST",
        "/orders",
        {
            "orderNo": f"py-{uuid.uuid4().hex[:18]}",
            "amountFen": GOODS[item]["price_fen"],
            "description": f"A {item}",
            "product": "native",
            "policy": {"fulfilment": {"required": True, "deadlineSeconds": 3600}},
        },
    )
    with lock:
        sales[order["orderNo"]] = {"item": item, "delivery": "open", "order": shown(order)}
    return redirect(order["checkoutUrl"], 303)


@app.get("/orders/<order_no>")
def sale(order_no: str):
    return jsonify(sales[order_no]) if order_no in sales else ({"error": "unknown"}, 404)


@app.post("/orders/<order_no>/refund")
def refund(order_no: str):
    """The refund's number is the shop's own: a second click asks for the same refund."""
    if order_no not in sales:
        return {"error": "unknown"}, 404
    amount = sales[order_no]["order"]["amountFen"]
    body = {"refundNo": f"{order_no}-1", "amountFen": amount, "reason": "Sent back"}
    return {"state": call("POST", f"/orders/{order_no}/refunds", body)["state"]}, 202


@app.post("/paysaga")
def webhook():
    body = request.get_data(as_text=True)
    try:
        # The raw body, before anything of it is believed.
        WEBHOOK.verify(body, {name.lower(): value for name, value in request.headers.items()})
    except WebhookVerificationError:
        return "This is not signed by PaySaga.", 401
    event_id = request.headers["webhook-id"]
    with lock:
        if event_id not in heard:
            hear(json.loads(body))
        # Only now: a shop that fails above is told again.
        heard.add(event_id)
    return "", 204


def hear(event: dict) -> None:
    # `test` and the events of days have no order.
    order = event["data"].get("order")
    if order is None or order["orderNo"] not in sales:
        return
    known = sales[order["orderNo"]]
    # Events may overtake each other: of the order, the newest version stands.
    if order["version"] > known["order"]["version"]:
        known["order"] = shown(order)
    log.info("%s %s version %s", event["type"], order["orderNo"], order["version"])
    if event["type"] == "order.paid":
        threading.Thread(target=deliver, args=(order["orderNo"],), daemon=True).start()


def deliver(order_no: str) -> None:
    """After the answer to the webhook, again until PaySaga has it; what was said before is said again."""
    in_stock = GOODS[sales[order_no]["item"]]["in_stock"]
    while True:
        try:
            call("POST", f"/orders/{order_no}/fulfilment", {"outcome": "fulfilled" if in_stock else "rejected"})
            sales[order_no]["delivery"] = "sent" if in_stock else "soldOut"
            return
        except (httpx.HTTPError, RuntimeError, ValueError):
            log.exception("not said yet")
            time.sleep(2)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "9000")))
