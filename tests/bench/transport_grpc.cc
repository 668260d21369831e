/* transport_grpc.cc -- gRPC in C++: the blocking server, which is the fastest of its kinds for one
 * call at a time, and the blocking stub; calls in flight over a completion queue; one-way messages
 * as a stream to the server.
 */
extern "C" {
#include "transport.h"
}

#include "echo.grpc.pb.h"

#include <atomic>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <string>
#include <vector>

namespace rpc = bench::rpc;

namespace
{

void check(const rpc::Payload &payload, size_t size)
{
    BENCH_NEED(payload.data().size() == size && transport_is_whole(payload.data().data(), size));
}

void need(const grpc::Status &status)
{
    if (!status.ok()) {
        bench_die("grpc: %s", status.error_message().c_str());
    }
}

/* ---- server ---------------------------------------------------------------------------------- */

class Service final : public rpc::Echo::Service
{
  public:
    explicit Service(size_t payload_size) : size(payload_size)
    {
    }

    grpc::Status echo(grpc::ServerContext *, const rpc::Payload *payload,
                      rpc::Payload *ret) override
    {
        check(*payload, size);
        ret->set_data(payload->data());
        return grpc::Status::OK;
    }

    grpc::Status push(grpc::ServerContext *, grpc::ServerReader<rpc::Payload> *reader,
                      rpc::Pushed *ret) override
    {
        rpc::Payload payload;
        uint64_t     pushed = 0;

        for (; reader->Read(&payload); pushed++) {
            check(payload, size);
        }
        ret->set_count(pushed);
        return grpc::Status::OK;
    }

  private:
    size_t size;
};

struct Server {
    explicit Server(size_t payload_size) : service(payload_size)
    {
    }

    Service                       service;
    std::unique_ptr<grpc::Server> server;
};

Server *inproc_server; /* an address between threads is the server itself, and there is one */

void *server_new(const transport_case *c, const char *name, transport_address *ret)
{
    Server             *s = new Server(c->size);
    grpc::ServerBuilder builder;
    std::string url = c->kind == TRANSPORT_UNIX ? "unix:" + std::string(name) : "127.0.0.1:0";
    int         port = 0;

    if (c->kind != TRANSPORT_INPROC) {
        builder.AddListeningPort(url, grpc::InsecureServerCredentials(), &port);
    }
    builder.RegisterService(&s->service);
    s->server = builder.BuildAndStart();
    BENCH_NEED(s->server);
    url = c->kind == TRANSPORT_TCP ? "127.0.0.1:" + std::to_string(port) : url;
    BENCH_NEED(url.size() < sizeof ret->text);
    memcpy(ret->text, url.c_str(), url.size() + 1);
    inproc_server = s;
    return s;
}

void server_free(void *ctx)
{
    delete static_cast<Server *>(ctx);
}

/* ---- client ---------------------------------------------------------------------------------- */

struct Client {
    explicit Client(std::shared_ptr<grpc::Channel> channel, size_t size)
        : stub(rpc::Echo::NewStub(channel))
    {
        payload.set_data(transport_payload, size);
    }

    std::unique_ptr<rpc::Echo::Stub> stub;
    rpc::Payload                     payload;
    grpc::CompletionQueue            queue;
};

std::shared_ptr<grpc::Channel> channel_to(const transport_case *c, const char *url)
{
    grpc::ChannelArguments arguments;

    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1); /* a connection for each channel */
    return c->kind == TRANSPORT_INPROC
               ? inproc_server->server->InProcessChannel(arguments)
               : grpc::CreateCustomChannel(url, grpc::InsecureChannelCredentials(), arguments);
}

void *client_new(const transport_case *c, const transport_address *servers)
{
    return new Client(channel_to(c, servers[0].text), c->size);
}

void client_free(void *ctx)
{
    Client *c = static_cast<Client *>(ctx);
    void   *tag;
    bool    ok;

    c->queue.Shutdown();
    while (c->queue.Next(&tag, &ok)) {
    }
    delete c;
}

void ping(void *ctx)
{
    Client             *c = static_cast<Client *>(ctx);
    grpc::ClientContext context;
    rpc::Payload        answer;

    need(c->stub->echo(&context, c->payload, &answer));
    check(answer, c->payload.data().size());
}

struct Call {
    grpc::ClientContext context;
    rpc::Payload        answer;
    grpc::Status        status;

    std::unique_ptr<grpc::ClientAsyncResponseReader<rpc::Payload>> reader;
};

void ask(Client *c)
{
    Call *call = new Call;

    call->reader = c->stub->Asyncecho(&call->context, c->payload, &c->queue);
    call->reader->Finish(&call->answer, &call->status, call);
}

void take_answer(Client *c)
{
    void *tag;
    bool  ok;

    BENCH_NEED(c->queue.Next(&tag, &ok) && ok);
    std::unique_ptr<Call> call(static_cast<Call *>(tag));
    need(call->status);
    check(call->answer, c->payload.data().size());
}

void calls(void *ctx, size_t count)
{
    Client *c = static_cast<Client *>(ctx);
    size_t  sent = 0;

    for (size_t received = 0; received < count; received++) {
        for (; sent < count && sent - received < TRANSPORT_WINDOW; sent++) {
            ask(c);
        }
        take_answer(c);
    }
}

void oneway(void *ctx, size_t count)
{
    Client             *c = static_cast<Client *>(ctx);
    grpc::ClientContext context;
    rpc::Pushed         pushed;
    auto                writer = c->stub->push(&context, &pushed);

    for (size_t i = 0; i < count; i++) {
        BENCH_NEED(writer->Write(c->payload, grpc::WriteOptions().set_buffer_hint()));
    }
    BENCH_NEED(writer->WritesDone());
    need(writer->Finish());
    BENCH_NEED(pushed.count() == count);
}

/* ---- connections ----------------------------------------------------------------------------- */

typedef std::vector<std::shared_ptr<grpc::Channel>> Connections;

/* All begin to connect, and then each is connected. */
void *connect_all(const transport_case *c, const transport_address *at, size_t count)
{
    Connections *all = new Connections;

    for (size_t i = 0; i < count; i++) {
        all->push_back(channel_to(c, at->text));
        all->back()->GetState(true);
    }
    for (auto &channel : *all) {
        BENCH_NEED(
            channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)));
    }
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
    ops.server_free = server_free;
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

extern "C" const transport_subject transport_grpc = {"grpc", {&ops, &ops, &ops, NULL}, false};
