# Tunebook on CPU: JupyterLab, the Go kernel and the lessons, as an ordinary user.
#   docker build -t tunebook . && docker run --rm -p 127.0.0.1:8888:8888 -v tunebook-work:/home/learner/work tunebook
# The address with its token is printed; lessons are copied into the volume and never overwrite a learner's edits.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/tunebook .

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 1000 learner \
 && mkdir -p /home/learner/work \
 && chown learner:learner /home/learner/work
COPY --from=build /out/tunebook /usr/local/bin/tunebook
COPY --from=build /src/LICENSE /src/docs/NOTICES.md /usr/local/share/doc/tunebook/
COPY docker/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt \
 && rm /tmp/requirements.txt \
 && tunebook install --prefix /usr/local
USER 1000
WORKDIR /home/learner/work
EXPOSE 8888
# Inside a container the port must listen on every address; publish it on the host's loopback only, as above.
ENTRYPOINT ["tunebook"]
CMD ["lab", "--no-browser", "--ip", "0.0.0.0", "--port", "8888", "--dir", "/home/learner/work"]
