/* transport_capnp.cc -- Cap'n Proto's RPC in C++, as its manual begins: EzRpc, one event loop for
 * the server and one for the client. One-way messages are streaming calls, of which it lets so many
 * be in flight as it thinks fit. It has no links between threads.
 */
extern "C" {
#include "transport.h"
}

#include "echo.capnp.h"

#include <capnp/ez-rpc.h>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace rpc = bench::rpc;

namespace
{

capnp::Data::Reader payload_of(size_t size)
{
    return kj::arrayPtr(transport_payload, size);
}

void check(capnp::Data::Reader data, size_t size)
{
    BENCH_NEED(data.size() == size && transport_is_whole(data.begin(), size));
}

/* ---- server ---------------------------------------------------------------------------------- */

class Server final : public rpc::Echo::Server
{
  public:
    explicit Server(size_t payload_size) : size(payload_size)
    {
    }

    kj::Promise<void> echo(EchoContext context) override
    {
        auto data = context.getParams().getPayload();
        check(data, size);
        context.getResults().setPayload(data);
        return kj::READY_NOW;
    }

    kj::Promise<void> push(PushContext context) override
    {
        check(context.getParams().getPayload(), size);
        pushed++;
        return kj::READY_NOW;
    }

    kj::Promise<void> count(CountContext context) override
    {
        context.getResults().setCount(pushed);
        return kj::READY_NOW;
    }

  private:
    size_t   size;
    uint64_t pushed = 0;
};

void serve(transport_case c, std::string name, std::promise<std::string> *ready)
{
    bool               is_unix = c.kind == TRANSPORT_UNIX;
    std::string        url = is_unix ? "unix:" + name : "127.0.0.1:0";
    capnp::EzRpcServer server(kj::heap<Server>(c.size), url.c_str());
    kj::WaitScope     &scope = server.getWaitScope();
    unsigned           port = server.getPort().wait(scope);

    ready->set_value(is_unix ? url : "127.0.0.1:" + std::to_string(port));
    kj::NEVER_DONE.wait(scope);
}

void *server_new(const transport_case *c, const char *name, transport_address *ret)
{
    std::promise<std::string> ready;
    std::thread              *thread = new std::thread(serve, *c, std::string(name), &ready);
    std::string               url = ready.get_future().get();

    BENCH_NEED(url.size() < sizeof ret->text);
    memcpy(ret->text, url.c_str(), url.size() + 1);
    return thread;
}

/* ---- client ---------------------------------------------------------------------------------- */

struct Client {
    explicit Client(const char *url, size_t payload_size)
        : size(payload_size), rpc(url), echo(rpc.getMain<rpc::Echo>())
    {
    }

    size_t             size;
    capnp::EzRpcClient rpc;
    rpc::Echo::Client  echo;
    uint64_t           pushed = 0;
    size_t             unsent = 0;
    size_t             unanswered = 0;

    kj::Own<kj::PromiseFulfiller<void>> all_answered;
};

void *client_new(const transport_case *c, const transport_address *servers)
{
    return new Client(servers[0].text, c->size);
}

void client_free(void *ctx)
{
    delete static_cast<Client *>(ctx);
}

void ping(void *ctx)
{
    Client *c = static_cast<Client *>(ctx);
    auto    request = c->echo.echoRequest();

    request.setPayload(payload_of(c->size));
    check(request.send().wait(c->rpc.getWaitScope()).getPayload(), c->size);
}

void ask(Client *c)
{
    auto request = c->echo.echoRequest();

    c->unsent--;
    request.setPayload(payload_of(c->size));
    request.send()
        .then([c](capnp::Response<rpc::Echo::EchoResults> &&answer) {
            check(answer.getPayload(), c->size);
            if (c->unsent > 0) {
                ask(c);
            }
            if (--c->unanswered == 0) {
                c->all_answered->fulfill();
            }
        })
        .detach([](kj::Exception &&e) { bench_die("capnp: %s", e.getDescription().cStr()); });
}

void calls(void *ctx, size_t count)
{
    Client *c = static_cast<Client *>(ctx);
    auto    end = kj::newPromiseAndFulfiller<void>();

    c->all_answered = kj::mv(end.fulfiller);
    c->unsent = c->unanswered = count;
    for (size_t i = 0; i < TRANSPORT_WINDOW && c->unsent > 0; i++) {
        ask(c);
    }
    end.promise.wait(c->rpc.getWaitScope());
}

void oneway(void *ctx, size_t count)
{
    Client        *c = static_cast<Client *>(ctx);
    kj::WaitScope &scope = c->rpc.getWaitScope();

    for (size_t i = 0; i < count; i++) {
        auto request = c->echo.pushRequest();
        request.setPayload(payload_of(c->size));
        request.send().wait(scope);
    }
    c->pushed += count;
    BENCH_NEED(c->echo.countRequest().send().wait(scope).getCount() == c->pushed);
}

/* ---- connections ----------------------------------------------------------------------------- */

typedef std::vector<std::unique_ptr<Client>> Connections;

/* Each has been answered. */
void *connect_all(const transport_case *c, const transport_address *at, size_t count)
{
    Connections *all = new Connections;
    auto         answers = kj::heapArrayBuilder<kj::Promise<void>>(count);

    for (size_t i = 0; i < count; i++) {
        all->push_back(std::make_unique<Client>(at->text, c->size));
        answers.add(all->back()->echo.countRequest().send().ignoreResult());
    }
    kj::joinPromises(answers.finish()).wait(all->back()->rpc.getWaitScope());
    return all;
}

void disconnect_all(void *ctx)
{
    delete static_cast<Connections *>(ctx);
}

transport_ops make_ops()
{
    transport_ops ops = {};

    ops.server_new = server_new;
    ops.client_new = client_new;
    ops.client_free = client_free;
    ops.ping = ping;
    ops.calls = calls;
    ops.oneway = oneway;
    ops.connect = connect_all;
    ops.disconnect = disconnect_all;
    return ops;
}

const transport_ops ops = make_ops();

} // namespace

extern "C" const transport_subject transport_capnp = {"capnp", {NULL, &ops, &ops, NULL}, false};
